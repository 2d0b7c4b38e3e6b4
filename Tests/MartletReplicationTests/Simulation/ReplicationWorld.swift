import MartletSimulation
import MartletStore

@testable import MartletReplication

/// Three machines, one of them the primary at first, that one seed treats badly.
struct ReplicationWorld {
    /// One connection as it was asked for.
    struct Wire {
        var follower: Int
        var generation: Int
        var connection: Int
        var primary: Int
        /// The process that took it; 0 until one did.
        var primaryGeneration = 0
        /// The two lanes: frames written, and what reads them.
        var toShipper = Lane(.followerToShipper)
        var toFollower = Lane(.shipperToFollower)
    }

    struct Lane {
        let lane: FrameLane
        var written: UInt64 = 0
        var reader: FrameReader

        init(_ lane: FrameLane) {
            self.lane = lane
            reader = FrameReader(lane)
        }

        mutating func write(_ frame: Frame) -> [UInt8] {
            defer { written += 1 }
            return frame.encoded(lane, number: written)
        }

        /// The frame, as the other end reads it.
        mutating func read(_ bytes: [UInt8]) -> Result<Frame, FrameError> {
            reader.append(bytes)
            return Result { () throws(FrameError) in
                guard let frame = try reader.next() else {
                    throw FrameError(.malformed, "half a frame")
                }
                return frame
            }
        }
    }

    enum Message {
        case open(Int)
        case opened(Int)
        case closed(Int)
        case toShipper(Int, Frame, [UInt8])
        case toFollower(Int, Frame, [UInt8])
    }

    static let millisecond: UInt64 = 1_000_000

    let seed: UInt64
    var random: SeededGenerator
    var network = SimulatedNetwork<Message>()
    var nodes: [ReplicaNode]
    var wires: [Int: Wire] = [:]
    var nextWire = 1
    var now: UInt64 = 1
    /// What one run varies.
    var swarm: WorldSwarm
    var checker = ReplicationChecker()
    var nextID: UInt64 = 1
    var trace: [String]?
    var counts: [String: Int] = [:]
    private var lastIncarnation: UInt64 = 0

    init(seed: UInt64, traces: Bool = false, swarm: WorldSwarm? = nil) throws {
        self.seed = seed
        var generator = SeededGenerator(seed: seed)
        self.swarm = swarm ?? WorldSwarm(&generator)
        random = generator
        trace = traces ? [] : nil
        nodes = Array(repeating: ReplicaNode(), count: 3)
        network.faults = self.swarm.faults
        checker.overtakes = network.faults.overtakes
        let first = Term(
            epoch: 1, incarnation: makeIncarnation(), firstSequence: 1, keepsCursors: false)
        try nodes[0].store.history.begin(first)
        nodes[0].store.promise = TermID(first)
        nodes[0].store.role = .primary
        nodes[0].store.exists = true
        for index in nodes.indices { try start(index) }
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

    mutating func note(_ text: String) {
        guard trace != nil else { return }
        trace?.append("\(now / Self.millisecond) ms  \(text)")
    }

    /// In a story, one that can be read.
    mutating func makeIncarnation() -> UInt64 {
        guard swarm.isCalm else { return random.next() }
        lastIncarnation += 1
        return lastIncarnation
    }

    mutating func count(_ name: String) { counts[name, default: 0] += 1 }

    /// So many times of 1,000.
    mutating func chance(_ permille: Int) -> Bool {
        Int.random(in: 0..<1_000, using: &random) < permille
    }

    // MARK: Processes

    /// Starts what the store's role says. An operator makes a follower of a deposed primary.
    mutating func start(_ index: Int) throws {
        guard nodes[index].isDown else { return }
        nodes[index].generation += 1
        nodes[index].work = nil
        if nodes[index].store.role == .deposed { nodes[index].store.role = .follower }
        if nodes[index].store.role == .primary {
            // Only an unclean stop uses it.
            let incarnation = makeIncarnation()
            try nodes[index].store.open(incarnation)
            checker.check(nodes[index].store, index)
            var process = PrimaryProcess()
            process.shipper = makeShipper(index)
            nodes[index].process = .primary(process)
        } else {
            follow(index)
        }
        note("node \(index) starts as \(nodes[index].store.role)")
    }

    mutating func follow(_ index: Int) {
        var settings = FollowerMachine.Settings(
            follower: UInt64(index + 1), name: "n\(index)", addresses: 2)
        settings.times = times
        settings.seedPieceBytes = 64
        nodes[index].process = .follower(
            FollowerMachine(settings, nodes[index].store.state, random: random.next()))
    }

    mutating func makeShipper(_ index: Int) -> Shipper {
        var settings = ShipperSession.Settings()
        settings.times = times
        settings.window = swarm.window
        settings.groupBytes = swarm.groupBytes
        settings.bytesPerSecond = swarm.bytesPerSecond
        var shipper = Shipper(
            settings, primary: nodes[index].store.primaryState(replicas: swarm.replicas),
            random: random.next())
        _ = shipper.linked()
        return shipper
    }

    /// The process is gone. The peers are told, or find out.
    mutating func stop(_ index: Int) {
        for (wire, entry) in wires.sorted(by: { $0.key < $1.key })
        where entry.follower == index || entry.primary == index {
            wires[wire] = nil
            let peer = entry.follower == index ? entry.primary : entry.follower
            if Bool.random(using: &random) {
                dropped[wire] = entry
                send(.closed(wire), from: index, to: peer)
            }
        }
        nodes[index].process = .down
        nodes[index].work = nil
    }

    /// Wires that one end has given up, until the other has heard of it.
    var dropped: [Int: Wire] = [:]

    mutating func send(_ message: Message, from: Int, to: Int) {
        network.send(message, .init(from: from, to: to), at: now, using: &random)
    }

    /// The machines that a follower's addresses stand for.
    func address(_ address: Int, of index: Int) -> Int {
        nodes.indices.filter { $0 != index }[address]
    }

    // MARK: Time

    /// Lets a little time pass, and what is due happen.
    mutating func step() throws {
        now += UInt64.random(in: 1...40, using: &random) * Self.millisecond
        while let (way, message) = network.next(at: now) {
            try deliver(message, from: way.from, to: way.to)
        }
        for index in nodes.indices {
            switch nodes[index].process {
            case .follower(var machine):
                let actions = machine.tick(now: now)
                nodes[index].process = .follower(machine)
                try perform(actions, index)
            case .primary(var process):
                guard var shipper = process.shipper else { continue }
                let actions = shipper.tick(now: now, wallTime: now / 1_000)
                process.shipper = shipper
                nodes[index].process = .primary(process)
                try perform(actions, index)
            case .fencing, .down: continue
            }
            if chance(swarm.workSpeed) { try work(index) }
            try answerRequests(index)
        }
    }

    /// A follower's store does what it was told to.
    mutating func work(_ index: Int) throws {
        guard let work = nodes[index].work, case .follower(var machine) = nodes[index].process
        else { return }
        nodes[index].work = nil
        nodes[index].store.isFull = chance(swarm.full)
        let before = nodes[index].store.promise
        let outcome = nodes[index].store.perform(work)
        checker.worked(work, outcome, nodes[index].store, index, promisedBefore: before)
        count(work.name)
        if trace != nil { note("node \(index) \(work.name): \(outcome.name)") }
        // What is durable and was not told yet: a crash may come here.
        if chance(swarm.crashInWork) {
            try crash(index)
            return
        }
        let actions = machine.finished(outcome, now: now)
        nodes[index].process = .follower(machine)
        try perform(actions, index)
    }

    mutating func crash(_ index: Int) throws {
        stop(index)
        var random = random
        nodes[index].store.crash(using: &random)
        self.random = random
        note("node \(index) loses power, \(nodes[index].store.synced) survive")
        count("crash")
    }
}

extension FollowerWork {
    var name: String {
        switch self {
        case .promise(let history): "promise \(history.currentID)"
        case .begin(let term): "begin \(TermID(term))"
        case .catalog: "catalog"
        case .append(let records):
            "append \(records.first?.sequence ?? 0)"
        case .truncate(let after): "truncate \(after)"
        case .openSeed: "openSeed"
        case .writeSeed: "writeSeed"
        case .installSeed(let offer): "installSeed \(offer.sequence)"
        }
    }
}

extension FollowerOutcome {
    var name: String {
        switch self {
        case .done(let state): "end \(state.lastSequence)"
        case .needsSeed: "needs a seed"
        case .seedOpened: "opened"
        case .seedWritten: "written"
        case .seedDamaged(let message): "damaged: \(message)"
        case .failed(let error): "\(error)"
        }
    }
}
