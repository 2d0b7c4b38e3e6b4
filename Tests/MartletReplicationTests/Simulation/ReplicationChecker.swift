import MartletStore

@testable import MartletReplication

/// Looks at every step whether the invariants N hold.
struct ReplicationChecker {
    private struct Place: Hashable {
        var term: TermID
        var sequence: UInt64
    }

    private(set) var findings: [String] = []
    /// What each place of each term holds, as it was first seen.
    private var log: [Place: ModelStore.Entry] = [:]
    /// What was acknowledged, and where.
    private(set) var acknowledged: [UInt64: Int] = [:]
    private var acknowledgedEntries: [Int: ModelStore.Entry] = [:]
    private var promises: [Int: TermID] = [:]
    /// After a forced promotion what was acknowledged before may be gone.
    var forgives = false
    /// Frames overtake each other, catalogs too.
    var overtakes = false
    private var checked: [Int: (history: TermHistory, count: Int)] = [:]

    mutating func found(_ text: String) {
        if findings.count < 5 { findings.append(text) }
    }

    /// N2: the same term and sequence is the same record, everywhere and for good.
    mutating func check(_ store: ModelStore, _ index: Int) {
        var start = 0
        if let known = checked[index], known.history == store.history,
            known.count <= store.entries.count
        {
            start = known.count
        }
        for sequence in start..<max(start, store.entries.count) {
            guard let term = store.history.term(of: UInt64(sequence + 1)) else {
                found("N2: node \(index), sequence \(sequence + 1) is of no term")
                return
            }
            let place = Place(term: TermID(term), sequence: UInt64(sequence + 1))
            let entry = store.entries[sequence]
            if let known = log[place] {
                if known != entry {
                    found("N2: node \(index) has \(entry) at \(place), another one \(known)")
                    return
                }
            } else {
                log[place] = entry
            }
        }
        checked[index] = (store.history, store.entries.count)
    }

    /// N1: a promise never goes back.
    mutating func worked(
        _ work: FollowerWork, _ outcome: FollowerOutcome, _ store: ModelStore, _ index: Int,
        promisedBefore: TermID
    ) {
        if store.promise.epoch < (promises[index] ?? .zero).epoch {
            found("N1: node \(index) goes back to \(store.promise)")
        }
        promises[index] = store.promise
        switch work {
        case .append(let records):
            // N6: nothing is taken of an epoch above the promise, nor from a log beyond it.
            if records.contains(where: { $0.epoch > promisedBefore.epoch }) {
                found("N6: node \(index) takes records above its promise \(promisedBefore)")
            }
            if case .failed(let error) = outcome, error.code != .noSpace,
                !(error.code == .notFound && overtakes)
            {
                found("node \(index) cannot append: \(error)")
            }
        case .promise, .truncate, .installSeed: break
        default:
            if case .failed(let error) = outcome, error.code != .noSpace {
                found("node \(index) cannot \(work.name): \(error)")
            }
        }
        if case .truncate = work { checked[index] = nil }
        if case .installSeed = work { checked[index] = nil }
        check(store, index)
    }

    /// N1: nothing is said before the promise for it is durable.
    mutating func said(_ frame: FollowerFrame, by store: ModelStore, _ index: Int) {
        let term: TermID
        switch frame {
        case .hello(let hello): term = hello.promise
        case .durable(let position): term = position.leader
        case .promised(let answer): term = answer.term
        default: return
        }
        if term.epoch > store.promise.epoch {
            found("N1: node \(index) says \(frame.name) and has promised \(store.promise)")
        }
    }

    mutating func acknowledged(_ entry: ModelStore.Entry, at sequence: Int) {
        if let known = acknowledgedEntries[sequence], known != entry, !forgives {
            found("N3: \(entry) and \(known) were acknowledged at \(sequence)")
        }
        acknowledged[entry.id] = sequence
        acknowledgedEntries[sequence] = entry
    }

    /// N3: a store promoted with fencing has all that was acknowledged.
    mutating func promoted(_ store: ModelStore, _ index: Int) {
        holdsAcknowledged(store, "node \(index), promoted to \(store.history.currentID),")
    }

    mutating func holdsAcknowledged(_ store: ModelStore, _ who: String) {
        for (id, sequence) in acknowledged.sorted(by: { $0.value < $1.value }) {
            let held = sequence <= store.entries.count ? store.entries[sequence - 1].id : 0
            if held != id {
                found("N3: \(who) lacks \(id), acknowledged at \(sequence)")
                return
            }
        }
    }
}
