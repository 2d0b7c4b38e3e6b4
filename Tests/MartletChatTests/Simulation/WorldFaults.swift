import MartletSimulation
import MartletStore

@testable import MartletChat

/// What goes wrong in one simulated world, and how often. A seed draws it, and leaves whole kinds
/// of faults out, so that seeds differ in what they are about.
struct WorldFaults {
    /// In a thousand frames on their way.
    var duplicated = 0
    var reordered = 0
    var dropped = 0
    /// In a thousand steps.
    var cuts = 0
    var crashes = 0
    var diskFailures = 0
    var clockSteps = 0
    var impatience = 0
    /// Events that a page holds at most.
    var pageLimit = 100
    /// Of ten things that people do, those that are about groups, edits and deletions.
    var changes = 3
    var steps = 300

    /// A server that breaks a promise, to see that it is noticed.
    enum Sabotage {
        /// It answers before the log is synced.
        case answersEarly
        /// It does not know a client message id again.
        case forgetsRepeats
        /// It serves the page of events before the last one again, whatever was asked.
        case servesOldPages
    }

    var sabotage: Sabotage?

    init() {}

    init(_ random: inout SeededGenerator) {
        func draw(_ rates: [Int]) -> Int { rates.randomElement(using: &random) ?? 0 }
        duplicated = draw([0, 0, 50, 200])
        reordered = draw([0, 0, 50, 300])
        dropped = draw([0, 0, 30, 150])
        cuts = draw([0, 10, 10, 40])
        crashes = draw([0, 5, 5, 15])
        diskFailures = draw([0, 0, 5, 15])
        clockSteps = draw([0, 10, 30])
        impatience = draw([5, 20])
        changes = draw([0, 3, 6])
        pageLimit = draw([1, 2, 7, 100])
        steps = draw([150, 300, 500])
    }

    /// Small, so that flushes, new log segments and compactions come often.
    static func storeOptions(_ random: inout SeededGenerator) -> StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = 4 << 20
        options.memtableSize = [4 << 10, 16 << 10, 64 << 10].randomElement(using: &random) ?? 0
        options.logSegmentSize = [4 << 10, 16 << 10].randomElement(using: &random) ?? 0
        options.logBytesMax = [16 << 10, 256 << 10].randomElement(using: &random) ?? 0
        options.tableFileSize = 16 << 10
        options.levelZeroFiles = Int.random(in: 1...4, using: &random)
        options.levelBase = 64 << 10
        options.diskReserve = 0
        return options
    }

    static func chatOptions(_ random: inout SeededGenerator) -> ChatOptions {
        var options = ChatOptions()
        options.passwordCost.logRounds = 2
        options.passwordCost.blockSize = 1
        options.cacheEntries = [1, 3, 1_000].randomElement(using: &random) ?? 1
        options.commitBytes = [1, 1_000, 1 << 20].randomElement(using: &random) ?? 1
        options.sendsUnderWay = [2, 1_000].randomElement(using: &random) ?? 2
        options.failedJournalBytes = [0, 16 << 10].randomElement(using: &random) ?? 0
        return options
    }
}
