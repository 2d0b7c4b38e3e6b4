import MartletSimulation

/// What a seed decides for a whole run: which faults there are, and how bad.
struct WorldSwarm {
    var faults = SimulatedNetwork<ReplicationWorld.Message>.Faults()
    /// Followers that a write waits for.
    var replicas: UInt8
    var window: Int
    var groupBytes: Int
    var bytesPerSecond: Int?
    /// Of 1,000.
    var workSpeed: Int
    var full: Int
    var crashInWork: Int
    var crash: Int
    var partition: Int
    var promotion: Int
    var trim: Int
    var flush: Int
    /// Promotions are forced: what was acknowledged may be lost, the logs must agree all the same.
    var forces: Bool
    /// A primary that was told that it is deposed goes on.
    var lies: Bool

    /// Frames travel as bytes, with their numbers: what is lost is noticed, as on a connection.
    var isStrict: Bool
    /// How often a bit of them is flipped.
    var damage: Int

    /// How often a seed cannot be made.
    var seedFailure: Int

    /// Nothing fails by itself.
    var isCalm = false

    static func calm(replicas: UInt8) -> WorldSwarm {
        var random = SeededGenerator(seed: 1)
        var swarm = WorldSwarm(&random)
        swarm.isCalm = true
        swarm.seedFailure = 0
        swarm.isStrict = true
        swarm.damage = 0
        swarm.replicas = replicas
        swarm.faults = .init()
        swarm.faults.delay = ReplicationWorld.millisecond...ReplicationWorld.millisecond
        swarm.window = 1 << 20
        swarm.groupBytes = 1 << 20
        swarm.bytesPerSecond = nil
        swarm.workSpeed = 1_000
        swarm.full = 0
        swarm.crashInWork = 0
        swarm.forces = false
        swarm.lies = false
        return swarm
    }

    init(_ random: inout SeededGenerator) {
        func pick(_ values: [Int]) -> Int {
            values[Int.random(in: 0..<values.count, using: &random)]
        }
        let millisecond = ReplicationWorld.millisecond
        isStrict = pick([0, 1]) == 1
        damage = pick([0, 0, 1, 10])
        faults.lost = isStrict ? pick([0, 0, 10, 50]) : 0
        faults.doubled = pick([0, 0, 30, 100])
        faults.overtakes = pick([0, 1, 0]) == 1
        faults.delay = millisecond...UInt64(pick([1, 10, 50, 200])) * millisecond
        replicas = UInt8(pick([1, 1, 1, 2]))
        window = pick([1, 60, 400, 1 << 20])
        groupBytes = pick([1, 60, 400])
        bytesPerSecond = pick([0, 0, 1]) == 1 ? 400 : nil
        workSpeed = pick([1_000, 700, 300])
        full = pick([0, 0, 20, 100])
        crashInWork = pick([0, 0, 10, 40])
        crash = pick([0, 5, 15, 30])
        partition = pick([0, 10, 30])
        promotion = pick([0, 5, 15, 30])
        seedFailure = pick([0, 100, 300])
        trim = pick([0, 10, 40])
        flush = pick([0, 10, 40])
        forces = pick([0, 0, 0, 0, 0, 0, 0, 1]) == 1
        lies = pick([0, 0, 0, 1]) == 1
    }
}
