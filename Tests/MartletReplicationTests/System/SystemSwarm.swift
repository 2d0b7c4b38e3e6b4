import MartletSimulation
import MartletStore

/// What a seed decides for a whole run of the system: which faults there are, and how bad.
struct SystemSwarm {
    var faults = SimulatedNetwork<SystemWorld.Message>.Faults()
    /// Followers that a write waits for.
    var replicas: Int
    var window: Int
    var groupBytes: Int
    var bytesPerSecond: Int?
    var seedPieceBytes: UInt32
    /// Frames travel as bytes, with their numbers: what is lost is noticed, as on a connection.
    var isStrict: Bool
    /// Of 1,000, each step: how often a bit of a frame is flipped.
    var damage: Int
    /// How often a process that may do something does it.
    var speed: Int
    var kill: Int
    var powerCut: Int
    /// How often an operation that is to come is planned to kill or to fail.
    var ambush: Int
    var full: Int
    var pause: Int
    var partition: Int
    var promotion: Int
    var compaction: Int
    /// Promotions are forced: what was acknowledged may be lost, the logs must agree all the same.
    var forces: Bool
    /// A primary that was told that it is deposed goes on.
    var lies: Bool
    /// Machines do not agree on the time, and it jumps.
    var skews: Bool
    /// Compaction daemons beside the primary.
    var daemons: Int
    /// Of 1,000, each step: how often a client writes.
    var writes: Int
    /// Steps before anything fails.
    var calm: Int
    /// Nothing fails any more, and nobody writes.
    private(set) var isPeaceful = false

    init(_ random: inout SeededGenerator) {
        func pick(_ values: [Int]) -> Int {
            values[Int.random(in: 0..<values.count, using: &random)]
        }
        let millisecond = SystemWorld.millisecond
        isStrict = pick([0, 1, 1]) == 1
        damage = pick([0, 0, 1, 3])
        faults.lost = isStrict ? pick([0, 0, 0, 5, 20]) : 0
        faults.doubled = pick([0, 0, 30, 100])
        faults.overtakes = pick([0, 1, 0, 0]) == 1
        faults.delay = millisecond...UInt64(pick([1, 1, 5, 20, 100])) * millisecond
        replicas = pick([1, 1, 1, 1, 2, 0])
        window = pick([1, 4_000, 1 << 20])
        groupBytes = pick([1, 1_000, 20_000])
        bytesPerSecond = pick([0, 0, 0, 1]) == 1 ? 20_000 : nil
        seedPieceBytes = UInt32(pick([2_000, 20_000, 1 << 20]))
        speed = pick([1_000, 700, 300])
        kill = pick([0, 1, 3, 10])
        powerCut = pick([0, 1, 3, 10])
        ambush = pick([0, 0, 5, 15])
        full = pick([0, 0, 0, 10])
        pause = pick([0, 0, 5])
        partition = pick([0, 5, 20])
        promotion = pick([0, 5, 10, 20])
        compaction = pick([10, 40])
        forces = pick([0, 0, 0, 0, 0, 0, 0, 1]) == 1
        lies = pick([0, 0, 0, 1]) == 1
        skews = pick([0, 1]) == 1
        daemons = pick([0, 1, 1, 2])
        writes = pick([200, 500, 900])
        calm = pick([0, 60, 60])
    }

    /// Nothing fails any more.
    mutating func heal() {
        isPeaceful = true
        faults = .init()
        faults.delay = SystemWorld.millisecond...3 * SystemWorld.millisecond
        damage = 0
        speed = 1_000
        kill = 0
        powerCut = 0
        ambush = 0
        full = 0
        pause = 0
        partition = 0
        promotion = 0
        lies = false
        forces = false
        skews = false
    }

    /// So small that a hundred batches make several segments and levels.
    static func options(_ random: inout SeededGenerator) -> StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = [0, 64 << 10].randomElement(using: &random) ?? 0
        options.memtableSize = [2 << 10, 8 << 10].randomElement(using: &random) ?? 0
        options.logSegmentSize = [4 << 10, 16 << 10].randomElement(using: &random) ?? 0
        options.logBytesMax = [16 << 10, 256 << 10].randomElement(using: &random) ?? 0
        options.logRetainedBytes = [0, 0, 64 << 10].randomElement(using: &random) ?? 0
        options.tableFileSize = [1 << 10, 16 << 10].randomElement(using: &random) ?? 0
        options.levelZeroFiles = Int.random(in: 1...4, using: &random)
        options.levelBase = 4 << 10
        options.verifiesOutputs = true
        options.diskReserve = 0
        options.daemonPatience = 300_000
        options.daemonLease = 1_500_000
        return options
    }
}
