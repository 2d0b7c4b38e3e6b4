import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// What the log of a machine was last seen to be.
struct LogAudit {
    weak var store: Store?
    var history = TermHistory()
    var end: UInt64 = 0
    var tail: LogTail?
}

/// Looks after every event whether the invariants hold, on real stores: at their logs record by
/// record, at what they show, at what is said and at what is acknowledged.
final class SystemChecker {
    struct Place: Hashable {
        var term: TermID
        var sequence: UInt64
    }

    /// One record of a log; operation 0 is a gap.
    struct Record: Equatable {
        var operation: UInt64
        var count: UInt64
        var payload: [UInt8]
    }

    fileprivate let replicas: Int
    /// After a forced promotion what was acknowledged before may be gone.
    fileprivate let forgives: Bool
    private(set) var findings: [String] = []
    /// What each place of each term holds, as it was first seen.
    fileprivate var records: [Place: Record] = [:]
    /// What was acknowledged by followers too, and where.
    fileprivate var acknowledged: [UInt64: UInt64] = [:]
    fileprivate var refusedOperations: Set<UInt64> = []
    /// What readers saw under each epoch of cursors: the last sequence of each operation, and
    /// whether enough followers had it.
    fileprivate var shown: [TermID: [(end: UInt64, operation: UInt64, isSafe: Bool)]] = [:]
    private(set) var counts: [String: Int] = [:]

    init(replicas: Int, forgives: Bool) {
        self.replicas = replicas
        self.forgives = forgives
    }

    func found(_ text: String) {
        if findings.count < 5 { findings.append(text) }
    }

    fileprivate func count(_ name: String) { counts[name, default: 0] += 1 }

    var recordCount: Int { records.count }
    var acknowledgedCount: Int { acknowledged.count }
    func acknowledgedSequence(of id: UInt64) -> UInt64? { acknowledged[id] }

    // MARK: Logs

    /// N2: the same term and sequence is the same record, everywhere and for good.
    func audit(_ machine: SystemMachine) {
        guard let store = machine.store, store.failure == nil, !machine.process.isDead,
            let log = store.log
        else { return }
        let history = store.terms
        let (segments, end) = log.end()
        let last = end.nextSequence - 1
        var audit = machine.audit
        if audit.store === store, audit.history == history, audit.end == last { return }
        if audit.store !== store || last < audit.end || audit.tail == nil {
            let first = segments.first?.firstSequence ?? end.segment.firstSequence
            audit.store = store
            audit.tail = LogTail(
                machine.simulation.disk, directory: "\(SystemMachine.directory)/log",
                storeID: store.id, next: max(1, first))
        }
        audit.history = history
        audit.end = last
        machine.simulation.disk.observe {
            do throws(StoreError) {
                try read(&audit, upTo: end, machine.index)
            } catch {
                audit.tail = nil
                if error.code == .gone { return count("unread") }
                found("node \(machine.index): its log cannot be read: \(error)")
            }
        }
        machine.audit = audit
    }

    private func read(
        _ audit: inout LogAudit, upTo end: LogEnd, _ index: Int
    ) throws(StoreError) {
        guard let tail = audit.tail else { return }
        while true {
            let group = try tail.read(upTo: end, bytes: 1 << 20)
            var start = group.first.map { $0.kind == .batch ? $0.sequence : 0 } ?? 0
            for record in group {
                guard let next = record.nextSequence else { continue }
                if record.kind == .gap {
                    // Where a gap begins is where the record before it ends.
                    if start > 0 { see(record, start, next - start, audit, index) }
                } else {
                    see(record, record.sequence, next - record.sequence, audit, index)
                }
                start = next
            }
            if group.isEmpty { break }
        }
        if tail.next != end.nextSequence {
            found(
                "node \(index): its log can be read up to \(tail.next - 1) of"
                    + " \(end.nextSequence - 1)")
        }
    }

    private func see(
        _ record: ShippedRecord, _ sequence: UInt64, _ count: UInt64, _ audit: LogAudit,
        _ index: Int
    ) {
        guard let term = audit.history.term(of: sequence) else {
            return found("N2: node \(index), sequence \(sequence) is of no term")
        }
        var operation: UInt64 = 0
        if record.kind == .batch {
            var isFirst = true
            _ = try? record.forEachMutation { _, mutation in
                if isFirst, case .cell(let cell) = mutation {
                    operation = SystemClients.id(of: cell.row) ?? 0
                }
                isFirst = false
            }
        }
        let seen = Record(operation: operation, count: count, payload: record.payload)
        let place = Place(term: term.id, sequence: sequence)
        if let known = records.updateValue(seen, forKey: place), known != seen {
            found(
                "N2: node \(index) has operation \(operation) at \(place), and it was"
                    + " \(known.operation)")
        }
        if refusedOperations.contains(operation) {
            found("W6: operation \(operation) was refused, and node \(index) has it")
        }
    }

    /// The operations of a log, with the last sequence of each; `nil` for a record never seen.
    func chain(
        _ history: TermHistory, upTo end: UInt64
    ) -> [(end: UInt64, operation: UInt64)]? {
        var chain: [(end: UInt64, operation: UInt64)] = []
        var sequence: UInt64 = 1
        while sequence <= end {
            guard let term = history.term(of: sequence),
                let record = records[Place(term: term.id, sequence: sequence)]
            else { return nil }
            sequence += record.count
            chain.append((sequence - 1, record.operation))
        }
        return chain
    }

    // MARK: Stores

    /// A store was opened: all that was told of it is there, and it shows what its log says.
    func opened(_ store: Store, _ machine: SystemMachine, _ clients: SystemClients) {
        promises(store.promise, machine)
        if store.lastLogged < machine.mustHold {
            found(
                "node \(machine.index) has \(store.lastLogged), and said that it has"
                    + " \(machine.mustHold)")
        }
        machine.mustHold = store.lastLogged
        machine.audit.store = nil
        audit(machine)
        shows(store, machine, clients, "opened")
    }

    /// N1: a promise never goes back, nor what was told of it.
    func promises(_ promise: TermID, _ machine: SystemMachine) {
        if promise.epoch < machine.toldPromise {
            found(
                "N1: node \(machine.index) promises \(promise), and has told epoch"
                    + " \(machine.toldPromise)")
        }
    }

    /// N4, N7, N8: what reads see is decided by the log up to where they see.
    func shows(
        _ store: Store, _ machine: SystemMachine, _ clients: SystemClients, _ place: String
    ) {
        let visible = store.visibleSequence
        guard let chain = chain(store.terms, upTo: visible) else { return count("unread") }
        if let last = chain.last, last.end != visible {
            return found("node \(machine.index), \(place): half a batch is visible at \(visible)")
        }
        let expected = clients.contents(after: chain.map(\.operation))
        let shown = machine.simulation.disk.observe { () -> [String: [[UInt8]: [UInt8]]]? in
            do throws(StoreError) {
                return try SystemClients.contents(of: store)
            } catch {
                // A dead or killed process reads nothing.
                if error.code != .io {
                    found("node \(machine.index), \(place): it cannot be read: \(error)")
                }
                return nil
            }
        }
        guard let shown, shown != expected else { return }
        let families = Set(shown.keys).union(expected.keys).sorted().filter {
            shown[$0] != expected[$0]
        }
        found(
            "N7: node \(machine.index), \(place), at \(visible): not what its log says in"
                + " \(families.map { difference($0, shown[$0] ?? [:], expected[$0] ?? [:]) })")
    }

    private func difference(
        _ family: String, _ shown: [[UInt8]: [UInt8]], _ expected: [[UInt8]: [UInt8]]
    ) -> String {
        let rows = Set(shown.keys).union(expected.keys).filter { shown[$0] != expected[$0] }
        let parts = rows.sorted { $0.lexicographicallyPrecedes($1) }.prefix(3).map { row in
            let both = [shown[row], expected[row]].map { value in
                value.map { $0.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
                    .map { "\($0)" } ?? "nothing"
            }
            return "\(row): \(both[0]) for \(both[1])"
        }
        return "\(family) \(parts.joined(separator: ", "))"
    }
}

// MARK: What is done and said

extension SystemChecker {
    func begins(_ work: FollowerWork, _ machine: SystemMachine) {
        switch work {
        case .truncate(let after): machine.mustHold = min(machine.mustHold, after)
        case .installSeed(let offer): machine.mustHold = min(machine.mustHold, offer.sequence)
        case .append(let records):
            let promise = machine.follower?.storage.state().promise ?? .zero
            if records.contains(where: { $0.epoch > promise.epoch }) {
                found("N6: node \(machine.index) takes records above its promise \(promise)")
            }
        default: break
        }
    }

    func ended(
        _ work: FollowerWork, _ outcome: FollowerOutcome, _ machine: SystemMachine,
        _ clients: SystemClients, overtakes: Bool
    ) {
        guard let storage = machine.follower?.storage else { return }
        promises(storage.state().promise, machine)
        switch outcome {
        case .done(let state):
            machine.mustHold = state.lastSequence
            audit(machine)
            switch work {
            case .truncate, .installSeed:
                if let store = storage.store { shows(store, machine, clients, work.name) }
            default: break
            }
        case .failed(let error):
            // What a full, failing or closed disk explains; and a catalog that was overtaken.
            let isKnown = [.noSpace, .io, .poisoned, .closed, .busy].contains(error.code)
            let isLate = error.code == .notFound && overtakes
            if !isKnown && !isLate {
                found("node \(machine.index) cannot \(work.name): \(error)")
            }
        case .seedDamaged:
            // A crash may have left anything in a piece that was not durable.
            count("damaged seed")
        default: break
        }
    }

    /// N6: nothing is done that a lower epoch than the promised one asks for.
    func heard(
        _ frame: ShipperFrame, promised: TermID, _ actions: [FollowerMachine.Action], _ index: Int
    ) {
        guard frame.leader.epoch < promised.epoch else { return }
        for case .work(let work) in actions {
            if case .promise = work { continue }
            found("N6: node \(index) has promised \(promised) and does \(work.name)")
        }
    }

    /// N1: nothing is said before the promise for it is durable.
    func said(_ frame: FollowerFrame, by machine: SystemMachine) {
        guard let storage = machine.follower?.storage else { return }
        let term: TermID
        switch frame {
        case .hello(let hello): term = hello.promise
        case .durable(let position): term = position.leader
        case .promised(let answer): term = answer.term
        default: return
        }
        promises(storage.state().promise, machine)
        if term.epoch > storage.state().promise.epoch {
            found("N1: node \(machine.index) says \(frame.name) and has not promised it")
        }
        machine.toldPromise = max(machine.toldPromise, term.epoch)
    }

    /// N5, and that a deposed store acknowledges nothing.
    func acknowledged(
        _ answer: SystemClients.Answer, _ operation: SystemClients.Operation, at sequence: UInt64,
        _ machines: [SystemMachine]
    ) {
        if answer.role != .primary {
            found("N6: a \(answer.role) acknowledged operation \(answer.id)")
        }
        let machine = machines[operation.machine]
        if operation.durability != .written, machine.ownerGeneration == operation.generation {
            machine.mustHold = max(machine.mustHold, sequence)
        }
        guard operation.followers > 0 else { return }
        let there = machines.filter { other in
            other.index != operation.machine && other.audit.end >= sequence
                && other.audit.history.term(of: sequence)?.id == operation.term
        }
        if there.count < operation.followers, !forgives {
            found(
                "N5: operation \(answer.id) was acknowledged at \(sequence) with"
                    + " \(there.count) of \(operation.followers) followers")
        }
        acknowledged[answer.id] = sequence
    }

    /// W6: what was refused has no effect.
    func refused(_ id: UInt64, _ error: StoreError) {
        count("refused \(error.code)")
        let codes: [StoreError.Code] = [.noSpace, .busy, .unavailable, .notFound, .invalidArgument]
        if codes.contains(error.code) { refusedOperations.insert(id) }
    }

    /// N3: a store promoted with fencing has all that was acknowledged; and one that keeps cursors
    /// has all that readers saw.
    func promoted(_ store: Store, _ machine: SystemMachine) {
        audit(machine)
        holdsAcknowledged(store, "node \(machine.index), promoted to \(store.epoch),")
        reads(store, upTo: store.lastLogged, safeUpTo: 0, isNew: true, machine)
    }

    func holdsAcknowledged(_ store: Store, _ who: String) {
        guard !forgives, let chain = chain(store.terms, upTo: store.lastLogged) else { return }
        var held: [UInt64: UInt64] = [:]
        for (end, operation) in chain where operation > 0 {
            if held.updateValue(end, forKey: operation) != nil {
                found("\(who) has operation \(operation) twice")
            }
        }
        for (operation, sequence) in acknowledged.sorted(by: { $0.value < $1.value })
        where held[operation] != sequence {
            found("N3: \(who) lacks operation \(operation), acknowledged at \(sequence)")
            return
        }
    }

    /// Readers of one epoch of cursors see one list that only grows at its end.
    ///
    /// - Parameter isNew: whether all that was shown must be there already.
    func reads(
        _ store: Store, upTo visible: UInt64, safeUpTo safe: UInt64, isNew: Bool,
        _ machine: SystemMachine
    ) {
        guard let chain = chain(store.terms, upTo: visible) else { return }
        let cursors = cursors(store)
        var known = shown[cursors] ?? []
        for (index, entry) in chain.enumerated() {
            let isSafe = entry.end <= safe
            guard index < known.count else {
                known.append((entry.end, entry.operation, isSafe))
                continue
            }
            guard known[index].operation == entry.operation else {
                lost(known[index...], store, machine)
                known.removeLast(known.count - index)
                known.append((entry.end, entry.operation, isSafe))
                continue
            }
            if isSafe { known[index].isSafe = true }
        }
        if isNew, chain.count < known.count {
            lost(known[chain.count...], store, machine)
            known.removeLast(known.count - chain.count)
        }
        shown[cursors] = known
    }

    /// What a cursor names. After forced promotions several stores may have one epoch, and clients
    /// cannot tell them apart; the incarnation can.
    private func cursors(_ store: Store) -> TermID {
        let epoch = store.cursorEpoch
        let term = store.terms.terms.last { $0.epoch == epoch && !$0.keepsCursors }
        return TermID(epoch: epoch, incarnation: forgives ? term?.incarnation ?? 0 : 0)
    }

    private func lost(
        _ entries: ArraySlice<(end: UInt64, operation: UInt64, isSafe: Bool)>, _ store: Store,
        _ machine: SystemMachine
    ) {
        guard let entry = entries.first(where: \.isSafe) else {
            // A restart shows all of its log; see docs/operations/replication.md.
            return count("shown by a restart alone, and gone")
        }
        found(
            "node \(machine.index), cursors of epoch \(store.cursorEpoch): operation"
                + " \(entry.operation) was seen at \(entry.end), and is gone")
    }
}
