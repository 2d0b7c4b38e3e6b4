import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// Three machines with everything of the product on them that does not need a real socket: stores
/// on simulated disks, shippers, followers, promotions, compaction daemons. One seed decides all.
///
/// `@unchecked Sendable`: a simulation has one thread, on which everything is called, background
/// jobs and what goes on beside them too.
final class SystemWorld: @unchecked Sendable {
    /// One connection of a follower to whoever listens on another machine.
    struct Wire {
        var follower: Int
        var generation: Int
        var connection: Int
        var peer: Int
        /// The process that took it; 0 until one did.
        var peerGeneration = 0
        var toPeer = ReplicationWorld.Lane(.followerToShipper)
        var toFollower = ReplicationWorld.Lane(.shipperToFollower)
    }

    enum Message {
        case open(Int)
        case opened(Int)
        case closed(Int)
        case toPeer(Int, Frame, [UInt8])
        case toFollower(Int, Frame, [UInt8])
    }

    static let millisecond: UInt64 = 1_000_000

    let seed: UInt64
    var random: SeededGenerator
    var network = SimulatedNetwork<Message>()
    let machines: [SystemMachine]
    var wires: [Int: Wire] = [:]
    /// Wires that one end has given up, until the other has heard of it.
    var dropped: [Int: Wire] = [:]
    var now: UInt64 = 1
    var swarm: SystemSwarm
    let checker: SystemChecker
    let clients = SystemClients()
    var trace: [String]?
    var counts: [String: Int] = [:]
    /// Machines whose server is in the middle of something, further up on the stack.
    var busy: Set<Int> = []
    private var lastWire = 0
    private var lastGeneration = 0

    init(seed: UInt64, traces: Bool = false) throws {
        self.seed = seed
        var generator = SeededGenerator(seed: seed &* 0x9e37_79b9 &+ 17)
        swarm = SystemSwarm(&generator)
        machines = (0..<3).map { index in
            SystemMachine(
                index, seed: generator.next(), options: SystemSwarm.options(&generator))
        }
        random = generator
        trace = traces ? [] : nil
        checker = SystemChecker(replicas: swarm.replicas, forgives: swarm.forces)
        network.faults = swarm.faults
        if swarm.skews {
            for machine in machines { skew(machine) }
        }
        machines[0].lastRole = .primary
        for machine in machines {
            makeDaemons(machine)
            start(machine)
        }
        startShipper(machines[0])
        if let store = machines[0].server?.store { try clients.makeTables(store) }
    }

    func note(_ text: @autoclosure () -> String) {
        guard trace != nil else { return }
        trace?.append("\(now / Self.millisecond) ms  \(text())")
    }

    func count(_ name: String) { counts[name, default: 0] += 1 }

    /// So many times of 1,000.
    func chance(_ permille: Int) -> Bool { Int.random(in: 0..<1_000, using: &random) < permille }

    func nextGeneration() -> Int {
        lastGeneration += 1
        return lastGeneration
    }

    func nextWire() -> Int {
        lastWire += 1
        return lastWire
    }

    /// The machines that a follower's addresses stand for.
    func address(_ address: Int, of index: Int) -> Int {
        machines.indices.filter { $0 != index }[address]
    }

    var times: ReplicationTimes {
        var times = ReplicationTimes()
        times.heartbeat = 200 * Self.millisecond
        times.silence = 2_000 * Self.millisecond
        times.greeting = 1_000 * Self.millisecond
        times.stuck = 3_000 * Self.millisecond
        times.seedIdle = 10_000 * Self.millisecond
        times.probe = 700 * Self.millisecond
        times.backoffFirst = 50 * Self.millisecond
        times.backoffLast = 600 * Self.millisecond
        return times
    }

    // MARK: Time

    /// Lets a little time pass, and what is due happen.
    func step() {
        advance(UInt64.random(in: 1...40, using: &random) * Self.millisecond)
        for machine in machines where !machine.held.isEmpty && now >= machine.pausedUntil {
            let held = machine.held
            machine.held = []
            for (from, message) in held { deliver(message, from: from, to: machine.index) }
        }
        while let (way, message) = network.next(at: now) {
            if now < machines[way.to].pausedUntil {
                machines[way.to].held.append((way.from, message))
            } else {
                deliver(message, from: way.from, to: way.to)
            }
        }
        for machine in machines where now >= machine.pausedUntil {
            tick(machine)
            settle(machine)
        }
    }

    func advance(_ nanoseconds: UInt64) {
        now += nanoseconds
        for machine in machines {
            machine.simulation.clock.advance(microseconds: nanoseconds / 1_000)
        }
    }

    /// What the processes of one machine do by themselves.
    private func tick(_ machine: SystemMachine) {
        if let follower = machine.follower {
            perform(follower.machine.tick(now: now), of: follower, machine)
            if chance(swarm.speed) { work(follower, machine) }
        }
        if let shipper = machine.shipper {
            perform(shipper.machine.tick(now: now, wallTime: wallTime(machine)), shipper, machine)
            tend(shipper, machine)
            if chance(swarm.speed) { work(shipper, machine) }
        }
        if busy.contains(machine.index) { return }
        if let server = machine.server {
            tend(server, machine)
            if chance(swarm.speed) { work(server, machine) }
            tendDaemons(machine)
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) where !machine.isDown {
            _ = machine.simulation.executor.runOne()
        }
    }

    func wallTime(_ machine: SystemMachine) -> UInt64 { machine.simulation.clock.now() }

    /// After whatever happened on a machine: buries the dead, and looks at what is there.
    func settle(_ machine: SystemMachine) {
        if machine.process.isDead, !busy.contains(machine.index) { ownerDied(machine) }
        if machine.shipperProcess.isDead, machine.shipper != nil { shipperDied(machine) }
        collect()
        if !busy.contains(machine.index) { checker.audit(machine) }
    }

    func send(_ message: Message, from: Int, to: Int) {
        network.send(message, .init(from: from, to: to), at: now, using: &random)
    }

    /// Sets the machine's wall clock some seconds off.
    func skew(_ machine: SystemMachine) {
        let clock = machine.simulation.clock
        let offset = Int64.random(in: -5_000_000...5_000_000, using: &random)
        clock.set(UInt64(Int64(clock.now()) + offset))
    }
}
