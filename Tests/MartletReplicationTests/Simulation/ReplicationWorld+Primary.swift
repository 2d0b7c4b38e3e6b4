import MartletSimulation
import MartletStore

@testable import MartletReplication

extension ReplicationWorld {
    /// What the shipper reports to its server.
    mutating func serve(_ report: LinkReport, _ index: Int) throws {
        guard case .primary(var process) = nodes[index].process else { return }
        switch report {
        case .attach, .seedDone: return
        case .follower(let position):
            if let known = process.positions[position.follower], known.term == position.term,
                known.sequence > position.sequence
            {
                return
            }
            process.positions[position.follower] = position
            nodes[index].process = .primary(process)
            decide(index)
        case .deposed(let term):
            guard term.epoch > nodes[index].store.history.currentID.epoch, !swarm.lies else {
                return
            }
            note("node \(index) is deposed by \(term)")
            count("deposed")
            nodes[index].store.role = .deposed
            // The server refuses writes from now on; the operator restarts it as a follower.
            nodes[index].store.kill()
            stop(index)
        case .seedWanted(let seed):
            process.requests.append(.makeSeed(seed))
            nodes[index].process = .primary(process)
        }
    }

    /// The gate: what the local disk and enough followers have is visible and acknowledged.
    mutating func decide(_ index: Int) {
        guard case .primary(let process) = nodes[index].process else { return }
        let store = nodes[index].store
        let replicated = process.replicated(
            to: Int(swarm.replicas), in: store.history.currentID)
        let end = min(store.synced, Int(min(replicated, UInt64(Int.max))))
        guard end > store.visible else { return }
        for sequence in store.visible..<end where store.entries[sequence].id != 0 {
            checker.acknowledged(store.entries[sequence], at: sequence + 1)
        }
        nodes[index].store.visible = end
    }

    /// Clients write; the log is written, and synced at some later moment.
    mutating func write(_ index: Int) throws {
        guard nodes[index].primary != nil, nodes[index].store.role == .primary else { return }
        if chance(30) { nodes[index].store.trees += 1 }
        var ids: [UInt64] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            ids.append(nextID)
            nextID += 1
        }
        if chance(50) { ids.insert(contentsOf: [0, 0], at: 0) }
        let tree = UInt32.random(in: 0..<nodes[index].store.trees, using: &random)
        nodes[index].store.write(ids, trees: tree)
        checker.check(nodes[index].store, index)
        try tellShipper(index)
    }

    mutating func sync(_ index: Int) throws {
        guard nodes[index].primary != nil else { return }
        nodes[index].store.synced = nodes[index].store.entries.count
        decide(index)
    }

    mutating func tellShipper(_ index: Int) throws {
        let state = nodes[index].store.primaryState(replicas: swarm.replicas)
        let wallTime = now / 1_000
        try shipper(index) { shipper, now in
            shipper.update(state, now: now, wallTime: wallTime)
        }
    }

    /// The shipper alone dies, and another one begins.
    mutating func restartShipper(_ index: Int) throws {
        guard case .primary(var process) = nodes[index].process else { return }
        for (wire, entry) in wires.sorted(by: { $0.key < $1.key })
        where entry.primary == index { close(wire, from: index) }
        process.requests = []
        process.seeds = [:]
        process.shipper = makeShipper(index)
        nodes[index].generation += 1
        nodes[index].process = .primary(process)
        count("shipper crash")
    }

    mutating func answerRequests(_ index: Int) throws {
        guard case .primary(var process) = nodes[index].process, !process.requests.isEmpty,
            chance(swarm.workSpeed)
        else { return }
        let requests = process.requests
        process.requests = []
        nodes[index].process = .primary(process)
        for request in requests { try answer(request, index) }
    }

    private mutating func answer(_ request: PrimaryProcess.Request, _ index: Int) throws {
        let store = nodes[index].store
        switch request {
        case .read(let wire, let after, let bytes):
            let reading = store.records(after: Int(after), bytes: bytes)
            try shipper(index) { shipper, now in
                shipper.read(reading, after: after, for: wire, now: now)
            }
        case .catalog(let wire):
            try shipper(index) { shipper, now in
                shipper.catalog(store.catalog, nextTree: store.trees, for: wire, now: now)
            }
        case .makeSeed(let seed): try makeSeed(seed, index)
        case .seed(let wire, let range):
            guard case .primary(let process) = nodes[index].process else { return }
            let data = process.seeds[range.seed].map { image in
                let start = (range.file == 0 ? 0 : image.count / 2) + Int(range.offset)
                return SeedData(
                    seed: range.seed, file: range.file, offset: range.offset,
                    bytes: Array(image[start..<start + Int(range.count)]))
            }
            try shipper(index) { shipper, now in
                shipper.seedRead(data, for: wire, now: now)
            }
        }
    }

    /// A checkpoint holds what is synced; and nothing that readers of the store may not see yet
    /// matters to it, since it is a follower that gets it.
    private mutating func makeSeed(_ seed: UInt64, _ index: Int) throws {
        guard case .primary(var process) = nodes[index].process else { return }
        if chance(swarm.seedFailure) {
            return try shipper(index) { shipper, now in
                shipper.seedFailed(seed, "noSpace", now: now)
            }
        }
        let image = nodes[index].store.image()
        process.seeds[seed] = image
        nodes[index].process = .primary(process)
        count("seed")
        let offer = ModelStore.offer(
            seed, image, sequence: UInt64(nodes[index].store.synced),
            nodes[index].store.history)
        try shipper(index) { shipper, now in shipper.seedOpened(offer, now: now) }
    }

    // MARK: Promotion

    /// The operator promotes a follower.
    mutating func promote(_ index: Int) throws {
        guard case .follower(var machine) = nodes[index].process, nodes[index].store.exists,
            nodes[index].work == nil
        else { return }
        let actions = machine.stop()
        nodes[index].process = .follower(machine)
        try perform(actions, index)
        for wire in wires.filter({ $0.value.follower == index }).keys.sorted() {
            close(wire, from: index)
        }
        nodes[index].generation += 1
        let store = nodes[index].store
        // Sometimes two operators have the same epoch in mind.
        let epoch = max(store.promise.epoch, store.history.currentID.epoch) + 1
        let term = TermID(epoch: epoch, incarnation: makeIncarnation())
        nodes[index].store.promise = term
        note("node \(index) wants to be promoted to \(term)")
        if swarm.forces {
            checker.forgives = true
            return try win(term, index)
        }
        nodes[index].process = .fencing(
            PromotionFence(
                term: term, needed: 2 - Int(swarm.replicas), history: store.history,
                lastSequence: store.last))
        if swarm.replicas >= 2 { try win(term, index) }
    }

    /// A follower answered the one that wants to be promoted.
    mutating func fenceAnswered(
        _ fence: PromotionFence, _ frame: FollowerFrame, _ wire: Int, _ index: Int
    ) throws {
        guard let entry = wires[wire] else { return }
        var fence = fence
        var outcome = fence.outcome
        switch frame {
        case .hello:
            return sendToFollower(ShipperFrame(fence.term, .fence), wire, from: index)
        case .promised(let answer):
            outcome = fence.receive(answer, from: UInt64(entry.follower + 1))
        case .refused(let refusal): outcome = fence.receive(refusal)
        default: return
        }
        nodes[index].process = .fencing(fence)
        switch outcome {
        case .waiting: return
        case .won: try win(fence.term, index)
        case .behind, .outbid:
            count("promotion lost")
            note("node \(index) is not promoted: \(outcome)")
            try giveUp(index)
        }
    }

    /// It goes on as a follower, bound by its own promise.
    mutating func giveUp(_ index: Int) throws {
        guard nodes[index].isFencing else { return }
        stop(index)
        try start(index)
    }

    private mutating func win(_ term: TermID, _ index: Int) throws {
        count("promotion")
        nodes[index].generation += 1
        let last = nodes[index].store.last
        try nodes[index].store.history.begin(
            Term(
                epoch: term.epoch, incarnation: term.incarnation, firstSequence: last + 1,
                keepsCursors: !swarm.forces))
        nodes[index].store.role = .primary
        nodes[index].store.wasClosed = false
        if !checker.forgives { checker.promoted(nodes[index].store, index) }
        var process = PrimaryProcess()
        process.shipper = makeShipper(index)
        for wire in wires.filter({ $0.value.primary == index }).keys.sorted() {
            close(wire, from: index)
        }
        nodes[index].process = .primary(process)
        note("node \(index) is promoted to \(term), end \(last)")
    }
}
