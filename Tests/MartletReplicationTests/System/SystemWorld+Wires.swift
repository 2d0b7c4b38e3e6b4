import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// What the shells do around sockets: connections, frames as bytes, and their ends.
extension SystemWorld {
    func deliver(_ message: Message, from: Int, to: Int) {
        let machine = machines[to]
        switch message {
        case .open(let wire): open(wire, machine)
        case .opened(let wire):
            guard let entry = wires[wire], let follower = follower(of: entry, at: machine) else {
                return
            }
            perform(follower.machine.connected(entry.connection, now: now), of: follower, machine)
        case .closed(let wire): closed(wire, machine)
        case .toFollower(let wire, let frame, let bytes):
            guard let entry = wires[wire], let follower = follower(of: entry, at: machine) else {
                return
            }
            let actions: [FollowerMachine.Action]
            switch arrived(frame, bytes, wire, \.toFollower, ShipperFrame.init) {
            case .success(let frame):
                note("node \(to) hears \(frame.body.name) of \(frame.leader)")
                let promise = follower.storage.state().promise
                actions = follower.machine.receive(frame, from: entry.connection, now: now)
                checker.heard(frame, promised: promise, actions, to)
            case .failure(let error):
                actions = follower.machine.receive(error, from: entry.connection, now: now)
            }
            perform(actions, of: follower, machine)
        case .toPeer(let wire, let frame, let bytes):
            guard let entry = wires[wire], entry.peer == to else { return }
            let heard = arrived(frame, bytes, wire, \.toPeer, FollowerFrame.init)
            if case .success(let frame) = heard {
                note("node \(to) hears \(frame.name) of node \(entry.follower)")
            }
            self.heard(heard, wire, entry, machine)
        }
        settle(machine)
    }

    private func heard(
        _ frame: Result<FollowerFrame, FrameError>, _ wire: Int, _ entry: Wire,
        _ machine: SystemMachine
    ) {
        if let promotion = machine.promotion, entry.peerGeneration == machine.ownerGeneration {
            switch frame {
            case .success(let frame): fenceHeard(frame, wire, promotion, machine)
            case .failure: close(wire, from: machine.index)
            }
        } else if let shipper = machine.shipper,
            entry.peerGeneration == machine.shipperGeneration
        {
            switch frame {
            case .success(let frame):
                perform(
                    shipper.machine.receive(
                        frame, from: wire, now: now, wallTime: wallTime(machine)), shipper,
                    machine)
            case .failure(let error):
                perform(
                    shipper.machine.receive(error, from: wire, now: now), shipper, machine)
            }
        }
    }

    private func follower(of wire: Wire, at machine: SystemMachine) -> FollowerProcess? {
        guard wire.follower == machine.index, wire.generation == machine.ownerGeneration else {
            return nil
        }
        return machine.follower
    }

    /// With bytes a lost, doubled or late frame is none, as on a real connection; without, the
    /// machines have to cope with it.
    private func arrived<Known>(
        _ frame: Frame, _ bytes: [UInt8], _ wire: Int,
        _ lane: WritableKeyPath<Wire, ReplicationWorld.Lane>,
        _ known: (Frame) throws(FrameError) -> Known
    ) -> Result<Known, FrameError> {
        let read = bytes.isEmpty ? nil : wires[wire]?[keyPath: lane].read(bytes)
        switch read ?? .success(frame) {
        case .failure(let error): return .failure(error)
        case .success(let frame):
            return Result { () throws(FrameError) in try known(frame) }
        }
    }

    private func open(_ wire: Int, _ machine: SystemMachine) {
        guard var entry = wires[wire] else { return }
        if machine.promotion != nil {
            entry.peerGeneration = machine.ownerGeneration
        } else if let shipper = machine.shipper {
            entry.peerGeneration = machine.shipperGeneration
            shipper.machine.connected(wire, certificateName: nil, now: now)
        } else {
            wires[wire] = nil
            dropped[wire] = entry
            return send(.closed(wire), from: machine.index, to: entry.follower)
        }
        wires[wire] = entry
        send(.opened(wire), from: machine.index, to: entry.follower)
    }

    private func closed(_ wire: Int, _ machine: SystemMachine) {
        guard let entry = dropped.removeValue(forKey: wire) else { return }
        wires[wire] = nil
        if let follower = follower(of: entry, at: machine) {
            perform(
                follower.machine.disconnected(entry.connection, now: now), of: follower, machine)
        } else if entry.peer == machine.index {
            ended(wire, entry, machine)
        }
    }

    /// A connection that a listener had taken is gone.
    private func ended(_ wire: Int, _ entry: Wire, _ machine: SystemMachine) {
        if let promotion = machine.promotion, entry.peerGeneration == machine.ownerGeneration {
            promotion.followers[wire] = nil
        } else if let shipper = machine.shipper,
            entry.peerGeneration == machine.shipperGeneration
        {
            perform(shipper.machine.disconnected(wire, now: now), shipper, machine)
            shipper.tasks.append(.forget(wire))
        }
    }

    /// Gives a wire up; the other end hears of it, unless the network loses that too. The own end's
    /// machine is told as its shell would.
    func close(_ wire: Int, from index: Int) {
        guard let entry = wires.removeValue(forKey: wire) else { return }
        dropped[wire] = entry
        let peer = entry.follower == index ? entry.peer : entry.follower
        send(.closed(wire), from: index, to: peer)
        if entry.peer == index { ended(wire, entry, machines[index]) }
    }

    /// The wires of a process that is gone. The peers are told, or find out.
    func dropWires(of machine: SystemMachine, where isIts: (Wire) -> Bool) {
        for (wire, entry) in wires.sorted(by: { $0.key < $1.key }) where isIts(entry) {
            wires[wire] = nil
            guard Bool.random(using: &random) else { continue }
            dropped[wire] = entry
            let peer = entry.follower == machine.index ? entry.peer : entry.follower
            send(.closed(wire), from: machine.index, to: peer)
        }
    }

    private func damaged(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty, chance(swarm.damage) else { return bytes }
        var bytes = bytes
        let bit = Int.random(in: 0..<bytes.count * 8, using: &random)
        bytes[bit / 8] ^= 1 << (bit % 8)
        return bytes
    }

    func sendToFollower(_ frame: ShipperFrame, _ wire: Int, from index: Int) {
        guard let entry = wires[wire] else { return }
        let frame = frame.frame()
        let bytes = swarm.isStrict ? wires[wire]?.toFollower.write(frame) ?? [] : []
        send(.toFollower(wire, frame, damaged(bytes)), from: index, to: entry.follower)
    }

    private func sendToPeer(_ frame: FollowerFrame, _ wire: Int, _ machine: SystemMachine) {
        guard let entry = wires[wire] else { return }
        checker.said(frame, by: machine)
        let frame = frame.frame()
        let bytes = swarm.isStrict ? wires[wire]?.toPeer.write(frame) ?? [] : []
        send(.toPeer(wire, frame, damaged(bytes)), from: machine.index, to: entry.peer)
    }

    // MARK: Followers

    func perform(
        _ actions: [FollowerMachine.Action], of follower: FollowerProcess,
        _ machine: SystemMachine
    ) {
        for action in actions {
            switch action {
            case .connect(let connection, let address):
                let peer = self.address(address, of: machine.index)
                let wire = nextWire()
                wires[wire] = Wire(
                    follower: machine.index, generation: machine.ownerGeneration,
                    connection: connection, peer: peer)
                send(.open(wire), from: machine.index, to: peer)
            case .send(let connection, let frame):
                if let wire = wire(machine, connection) { sendToPeer(frame, wire, machine) }
            case .close(let connection):
                if let wire = wire(machine, connection) { close(wire, from: machine.index) }
            case .work(let work): follower.tasks.append(.work(work))
            case .notice(let text): note("node \(machine.index): \(text)")
            }
        }
        guard let following = follower.machine.following, following.phase != .promising,
            let holds = follower.machine.primary?.showsReplicatedOnly
        else { return }
        if let told = follower.told, told == (following.leader, holds) { return }
        follower.told = (following.leader, holds)
        follower.tasks.append(.note(holds))
    }

    private func wire(_ machine: SystemMachine, _ connection: Int) -> Int? {
        wires.first {
            $0.value.follower == machine.index && $0.value.connection == connection
                && $0.value.generation == machine.ownerGeneration
        }?.key
    }

    /// The follower's disk thread does what is next.
    func work(_ follower: FollowerProcess, _ machine: SystemMachine) {
        guard !follower.tasks.isEmpty else { return }
        switch follower.tasks.removeFirst() {
        case .note(let holds): follower.storage.note(holdsWhatWasSeen: holds)
        case .work(let work):
            checker.begins(work, machine)
            let outcome = follower.storage.perform(work)
            count(String(work.name.prefix { $0 != " " }))
            note("node \(machine.index) \(work.name): \(outcome.name)")
            // What is durable and was not told yet: a crash may come here.
            if chance(swarm.kill) { machine.process.kill() }
            if machine.process.isDead { return }
            checker.ended(
                work, outcome, machine, clients, overtakes: network.faults.overtakes)
            perform(follower.machine.finished(outcome, now: now), of: follower, machine)
        }
    }
}
