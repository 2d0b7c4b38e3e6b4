import MartletSimulation
import MartletStore

@testable import MartletReplication

extension ReplicationWorld {
    mutating func deliver(_ message: Message, from: Int, to: Int) throws {
        switch message {
        case .open(let wire): try open(wire, to)
        case .opened(let wire):
            guard let entry = wires[wire], entry.generation == nodes[to].generation else {
                return
            }
            try follower(to) { machine, now in
                machine.connected(entry.connection, now: now)
            }
        case .closed(let wire): try closed(wire, to)
        case .toFollower(let wire, let frame, let bytes):
            guard let entry = wires[wire], entry.generation == nodes[to].generation,
                entry.follower == to
            else { return }
            switch arrived(frame, bytes, wire, \.toFollower) {
            case .success(let frame): try hear(try ShipperFrame(frame), entry, to)
            case .failure(let error):
                try follower(to) { machine, now in
                    machine.receive(error, from: entry.connection, now: now)
                }
            }
        case .toShipper(let wire, let frame, let bytes):
            guard let entry = wires[wire], entry.primaryGeneration == nodes[to].generation,
                entry.primary == to
            else { return }
            switch arrived(frame, bytes, wire, \.toShipper) {
            case .success(let frame): try hear(try FollowerFrame(frame), wire, entry, to)
            case .failure(let error):
                try shipper(to) { shipper, now in
                    shipper.receive(error, from: wire, now: now)
                }
            }
        }
    }

    /// With bytes a lost, doubled or late frame is none, as on a real connection; without, the
    /// machines have to cope with it.
    private mutating func arrived(
        _ frame: Frame, _ bytes: [UInt8], _ wire: Int, _ lane: WritableKeyPath<Wire, Lane>
    ) -> Result<Frame, FrameError> {
        guard !bytes.isEmpty else { return .success(frame) }
        return wires[wire]?[keyPath: lane].read(bytes) ?? .success(frame)
    }

    private mutating func hear(_ frame: ShipperFrame, _ entry: Wire, _ index: Int) throws {
        if trace != nil { note("node \(index) hears \(frame.body.name) of \(frame.leader)") }
        try follower(index) { machine, now in
            machine.receive(frame, from: entry.connection, now: now)
        }
    }

    private mutating func hear(
        _ frame: FollowerFrame, _ wire: Int, _ entry: Wire, _ index: Int
    ) throws {
        checker.said(frame, by: nodes[entry.follower].store, entry.follower)
        if trace != nil {
            note("node \(index) hears \(frame.name) of node \(entry.follower)")
        }
        if case .fencing(let fence) = nodes[index].process {
            return try fenceAnswered(fence, frame, wire, index)
        }
        let wallTime = now / 1_000
        try shipper(index) { shipper, now in
            shipper.receive(frame, from: wire, now: now, wallTime: wallTime)
        }
    }

    mutating func sendToFollower(_ frame: ShipperFrame, _ wire: Int, from index: Int) {
        guard let entry = wires[wire] else { return }
        let frame = frame.frame()
        let bytes = swarm.isStrict ? wires[wire]?.toFollower.write(frame) ?? [] : []
        send(.toFollower(wire, frame, damaged(bytes)), from: index, to: entry.follower)
    }

    private mutating func sendToShipper(_ frame: FollowerFrame, _ wire: Int, from index: Int) {
        guard let entry = wires[wire] else { return }
        let frame = frame.frame()
        let bytes = swarm.isStrict ? wires[wire]?.toShipper.write(frame) ?? [] : []
        send(.toShipper(wire, frame, damaged(bytes)), from: index, to: entry.primary)
    }

    private mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty, chance(swarm.damage) else { return bytes }
        var bytes = bytes
        let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
        bytes[bit / 8] ^= 1 << (bit % 8)
        return bytes
    }

    private mutating func open(_ wire: Int, _ index: Int) throws {
        guard var entry = wires[wire] else { return }
        switch nodes[index].process {
        case .primary(let process) where process.shipper != nil:
            try shipper(index) { shipper, now in
                shipper.connected(wire, certificateName: nil, now: now)
                return []
            }
        case .fencing: break
        default:
            wires[wire] = nil
            dropped[wire] = entry
            return send(.closed(wire), from: index, to: entry.follower)
        }
        entry.primaryGeneration = nodes[index].generation
        wires[wire] = entry
        send(.opened(wire), from: index, to: entry.follower)
    }

    private mutating func closed(_ wire: Int, _ index: Int) throws {
        guard let entry = dropped.removeValue(forKey: wire) else { return }
        wires[wire] = nil
        if entry.follower == index, entry.generation == nodes[index].generation {
            try follower(index) { machine, now in
                machine.disconnected(entry.connection, now: now)
            }
        } else if entry.primary == index, entry.primaryGeneration == nodes[index].generation {
            try shipper(index) { shipper, now in shipper.disconnected(wire, now: now) }
        }
    }

    /// Gives a wire up; the other end hears of it, unless the network loses that too.
    mutating func close(_ wire: Int, from index: Int) {
        guard let entry = wires.removeValue(forKey: wire) else { return }
        dropped[wire] = entry
        let peer = entry.follower == index ? entry.primary : entry.follower
        send(.closed(wire), from: index, to: peer)
    }

    mutating func follower(
        _ index: Int, _ body: (inout FollowerMachine, UInt64) -> [FollowerMachine.Action]
    ) throws {
        guard case .follower(var machine) = nodes[index].process else { return }
        let actions = body(&machine, now)
        nodes[index].process = .follower(machine)
        try perform(actions, index)
    }

    mutating func shipper(
        _ index: Int, _ body: (inout Shipper, UInt64) -> [Shipper.Action]
    ) throws {
        guard case .primary(var process) = nodes[index].process, var shipper = process.shipper
        else { return }
        let actions = body(&shipper, now)
        process.shipper = shipper
        nodes[index].process = .primary(process)
        try perform(actions, index)
    }

    // MARK: Actions

    mutating func perform(_ actions: [FollowerMachine.Action], _ index: Int) throws {
        for action in actions {
            switch action {
            case .connect(let connection, let address):
                let peer = self.address(address, of: index)
                let wire = nextWire
                nextWire += 1
                wires[wire] = Wire(
                    follower: index, generation: nodes[index].generation,
                    connection: connection, primary: peer)
                send(.open(wire), from: index, to: peer)
            case .send(let connection, let frame):
                guard let wire = wire(index, connection) else { continue }
                sendToShipper(frame, wire, from: index)
            case .close(let connection):
                if let wire = wire(index, connection) { close(wire, from: index) }
            case .work(let work):
                guard nodes[index].work == nil else {
                    checker.found("node \(index) has two works at once")
                    continue
                }
                nodes[index].work = work
            case .notice(let text): note("node \(index): \(text)")
            }
        }
    }

    private func wire(_ index: Int, _ connection: Int) -> Int? {
        wires.first {
            $0.value.follower == index && $0.value.connection == connection
                && $0.value.generation == nodes[index].generation
        }?.key
    }

    mutating func perform(_ actions: [Shipper.Action], _ index: Int) throws {
        for action in actions {
            switch action {
            case .send(let wire, let frame):
                sendToFollower(frame, wire, from: index)
            case .close(let wire): close(wire, from: index)
            case .read(let wire, let after, let bytes):
                request(.read(wire, after: after, bytes: bytes), index)
            case .readCatalog(let wire): request(.catalog(wire), index)
            case .readSeed(let wire, let range): request(.seed(wire, range), index)
            case .openSeed: continue
            case .closeSeed(let seed):
                if case .primary(var process) = nodes[index].process {
                    process.seeds[seed] = nil
                    nodes[index].process = .primary(process)
                }
            case .link(let report): try serve(report, index)
            case .notice(let text): note("node \(index): \(text)")
            }
        }
    }

    private mutating func request(_ request: PrimaryProcess.Request, _ index: Int) {
        guard case .primary(var process) = nodes[index].process else { return }
        process.requests.append(request)
        nodes[index].process = .primary(process)
    }
}

extension ShipperFrame.Body {
    var name: String {
        switch self {
        case .welcome: "welcome"
        case .truncate(let after): "truncate after \(after)"
        case .seedPending: "seed pending"
        case .seedOffer(let offer): "seed offer up to \(offer.sequence)"
        case .seedData: "seed data"
        case .catalog: "catalog"
        case .term(let term): "term \(TermID(term)) from \(term.firstSequence)"
        case .append(let group): "append \(group.previous + 1)...\(group.lastSequence)"
        case .heartbeat(let position): "heartbeat, end \(position.lastSequence)"
        case .fence: "fence"
        case .refused(let refusal): "refused \(refusal)"
        }
    }
}

extension FollowerFrame {
    var name: String {
        switch self {
        case .hello(let hello):
            "hello\(hello.isProbe ? " (probe)" : "") end \(hello.lastSequence)"
                + " promise \(hello.promise)\(hello.needsSeed ? " needs a seed" : "")"
        case .durable(let position): "durable \(position.sequence)"
        case .seedRead(let range): "seed read \(range.file)@\(range.offset)"
        case .seedDone: "seed done"
        case .promised(let answer): "promised \(answer.term), end \(answer.lastSequence)"
        case .refused(let refusal): "refused \(refusal)"
        case .alive: "alive"
        }
    }
}
