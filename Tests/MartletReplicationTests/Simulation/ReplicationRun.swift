import MartletSimulation
import MartletStore

@testable import MartletReplication

/// One seed from its first step to rest: first nothing may be lost, then all must come together.
struct ReplicationRun {
    var world: ReplicationWorld

    init(seed: UInt64, traces: Bool = false) throws {
        world = try ReplicationWorld(seed: seed, traces: traces)
    }

    /// What was found, at most five sentences.
    mutating func run(steps: Int = 400) throws -> [String] {
        for _ in 0..<steps where world.checker.findings.isEmpty {
            try world.step()
            try world.hurt()
        }
        if world.checker.findings.isEmpty { try heal() }
        return world.checker.findings
    }

    private mutating func heal() throws {
        world.heal()
        for step in 0..<3_000 {
            if !world.checker.findings.isEmpty { return }
            try world.step()
            try world.operate(step)
            if world.isAtRest { break }
        }
        guard world.isAtRest else {
            world.checker.found("no rest: " + world.describe())
            return
        }
        world.checkRest()
    }
}

extension ReplicationWorld {
    /// One step of bad luck, and of clients.
    mutating func hurt() throws {
        for index in nodes.indices {
            if chance(300) { try write(index) }
            if chance(400) { try sync(index) }
            if nodes[index].isDown {
                if chance(60) { try start(index) }
                continue
            }
            if chance(swarm.crash / 2) { try crash(index) }
            if chance(swarm.crash / 2) {
                nodes[index].store.kill()
                stop(index)
                note("node \(index) is killed")
            }
            if chance(swarm.crash) { try restartShipper(index) }
            if chance(swarm.promotion / 3) { try promote(index) }
            if nodes[index].isFencing, chance(15) { try giveUp(index) }
            if chance(swarm.trim) { trim(index) }
            if chance(swarm.flush) {
                nodes[index].store.flushed = nodes[index].store.visible
            }
        }
        if chance(swarm.partition) {
            let from = Int.random(in: 0..<3, using: &random)
            let to = (from + Int.random(in: 1...2, using: &random)) % 3
            network.cut.insert(.init(from: from, to: to))
            if Bool.random(using: &random) { network.cut.insert(.init(from: to, to: from)) }
            note("cut \(from) and \(to)")
        }
        if chance(60) { network.cut = [] }
    }

    /// The log gives up what is in tables, whether a follower needs it or not.
    private mutating func trim(_ index: Int) {
        let store = nodes[index].store
        guard store.visible > store.base else { return }
        nodes[index].store.flushed = max(store.flushed, store.visible)
        nodes[index].store.base = Int.random(in: store.base...store.visible, using: &random)
    }

    /// From now on nothing fails.
    mutating func heal() {
        network.cut = []
        network.faults = .init()
        network.faults.delay = Self.millisecond...3 * Self.millisecond
        swarm.full = 0
        swarm.seedFailure = 0
        swarm.damage = 0
        swarm.crashInWork = 0
        swarm.workSpeed = 1_000
        swarm.lies = false
        swarm.forces = false
        note("all is healed")
    }

    /// An operator who wants one primary and two followers.
    mutating func operate(_ step: Int) throws {
        for index in nodes.indices where nodes[index].isDown { try start(index) }
        for index in nodes.indices { try sync(index) }
        guard step % 100 == 99 else { return }
        for index in nodes.indices where nodes[index].isFencing { try giveUp(index) }
        // Whom somebody cannot follow, by the promise, is no primary any more; the next one begins
        // an epoch above all.
        let histories = leaders.map { nodes[$0].store.history }
        let isSplit = histories.contains { history in
            nodes.contains { TermRule.judge(history, against: $0.store.promise) != .mayLead }
        }
        for index in leaders where isSplit {
            nodes[index].store.kill()
            nodes[index].store.role = .deposed
            stop(index)
            try start(index)
        }
        guard nodes.allSatisfy({ $0.primary == nil }) else { return }
        try promote(step / 100 % 3)
    }

    var leaders: [Int] { nodes.indices.filter { nodes[$0].primary != nil } }

    var isAtRest: Bool {
        guard leaders.count == 1, let leader = leaders.first else { return false }
        let store = nodes[leader].store
        return store.visible == store.entries.count
            && nodes.allSatisfy { $0.store.entries.count == store.entries.count }
            && nodes.allSatisfy { $0.store.synced == store.synced }
            && nodes.indices.allSatisfy {
                $0 == leader || nodes[$0].follower?.stateName == "streaming"
            }
    }

    /// N7, and that nothing acknowledged is missing.
    mutating func checkRest() {
        guard let leader = leaders.first else { return }
        for index in nodes.indices where index != leader {
            if nodes[index].store.entries != nodes[leader].store.entries {
                checker.found("N7: node \(index) is not what node \(leader) is")
            }
        }
        if !checker.forgives {
            checker.holdsAcknowledged(nodes[leader].store, "in the end node \(leader)")
        }
    }

    func describe() -> String {
        nodes.indices.map { index in
            let node = nodes[index]
            let process =
                node.primary != nil
                ? "primary" : node.isFencing ? "fencing" : node.follower?.stateName ?? "down"
            return "node \(index) \(process) end \(node.store.entries.count)"
                + " synced \(node.store.synced) visible \(node.store.visible)"
                + " promise \(node.store.promise) term \(node.store.history.currentID)"
        }.joined(separator: "; ")
    }
}
