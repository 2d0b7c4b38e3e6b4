import MartletSimulation

/// Whose cursors hold: what promotions have said of them, and whether clients were told the same.
///
/// The epoch of cursors is one number. A promotion says which one holds from then on; a device
/// whose cursor has that number goes on from it, whatever happened, and one that has another number
/// is told to begin afresh. So a device that begins afresh with the number that holds was told a
/// lie.
struct CursorRecord {
    /// What `martlet promote` has printed of cursors.
    struct Word: Equatable {
        var isKept: Bool
        var epoch: UInt64

        /// `nil` where nothing is said.
        init?(_ output: String) {
            let lines = output.split(separator: "\n")
            guard let line = lines.last(where: { $0.hasPrefix("clients ") }),
                let number = line.split(separator: " ").last.flatMap({ UInt64($0) })
            else { return nil }
            isKept = line.hasPrefix("clients keep")
            epoch = number
        }
    }

    /// Begins each note of the history that this reads.
    private static let mark = "cursors: "

    /// What is noted when a promotion begins, and when one has not come about.
    static let asked = mark + "a promotion begins"
    static let refused = mark + "no promotion"
    /// What is noted when one has, and nobody was there to hear what became of cursors.
    static let unheard = mark + "unheard"
    /// What is noted when one has: `of EPOCH hold`.
    static func hold(_ word: Word) -> String { mark + "of epoch \(word.epoch) hold" }

    private(set) var complaints: [String: Int] = [:]
    /// Devices that began afresh as their cursors did not hold, by failover.
    private(set) var truthful: [String: Int] = [:]
    private var holding: UInt64?
    private var isUnheard = false
    private var failover = "no failover"
    /// Cursors that were refused while a promotion was under way: it may have come about already.
    private var undecided: [UInt64]?

    init(_ observations: [Observation]) {
        for observation in observations {
            switch observation {
            case .note(let text): take(text)
            case .pageAnswered(_, let asked, let page) where page.isReset:
                guard case .pageAsked(_, let cursor) = observations[asked], cursor.epoch > 0 else {
                    continue
                }
                if undecided == nil { judge(cursor.epoch) } else { undecided?.append(cursor.epoch) }
            default: break
            }
        }
        undecided?.forEach { judge($0) }
    }

    private mutating func take(_ note: String) {
        if note.hasPrefix("failover") { failover = note }
        guard note.hasPrefix(Self.mark) else { return }
        let waiting = undecided ?? []
        undecided = note == Self.asked ? waiting : nil
        if note == Self.asked { return }
        isUnheard = note == Self.unheard || (isUnheard && note == Self.refused)
        if let epoch = note.split(separator: " ").compactMap({ UInt64($0) }).first {
            holding = epoch
        }
        waiting.forEach { judge($0) }
    }

    /// Before the first promotion all cursors hold: nobody was started to wait for fewer.
    private mutating func judge(_ epoch: UInt64) {
        if isUnheard { return }
        if holding == nil || holding == epoch {
            complaints[failover, default: 0] += 1
        } else {
            truthful[failover, default: 0] += 1
        }
    }
}
