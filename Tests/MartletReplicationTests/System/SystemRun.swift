import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// One seed from its first step to rest: first nothing may be lost, then all must come together.
final class SystemRun {
    let world: SystemWorld
    /// Steps until all is at rest once nothing fails any more, at most.
    static let patience = 3_000

    init(seed: UInt64, traces: Bool = false) throws {
        world = try SystemWorld(seed: seed, traces: traces)
    }

    /// What was found, at most five sentences.
    func run(steps: Int = 400) throws -> [String] {
        for step in 0..<steps where world.checker.findings.isEmpty {
            world.step()
            world.live()
            if step >= world.swarm.calm { world.hurt() }
        }
        if world.checker.findings.isEmpty { try heal() }
        return world.checker.findings
    }

    private func heal() throws {
        world.heal()
        guard waitForRest("no rest") else { return }
        // Who came together takes a write that all must have.
        guard let leader = world.leader, let store = leader.server?.store else { return }
        let id = try world.clients.write(
            to: leader, store, .replicated(2), followers: 2, using: &world.random)
        guard waitForRest("no rest after a write") else { return }
        if world.checker.acknowledgedSequence(of: id) == nil {
            world.checker.found("the last write was not acknowledged")
        }
        try world.checkRest()
    }

    private func waitForRest(_ complaint: String) -> Bool {
        for step in 0..<Self.patience where world.checker.findings.isEmpty {
            world.step()
            world.operate(step)
            if world.isAtRest { return true }
        }
        if world.checker.findings.isEmpty {
            world.checker.found("\(complaint): \(world.describe())")
        }
        return false
    }
}

extension SystemWorld {
    /// One step of clients, and of whoever starts what is down.
    func live() {
        for machine in machines {
            if chance(swarm.writes) { write(machine) }
            if chance(100) { read(machine) }
            if chance(30) { operate(machine) }
            if machine.isDown, chance(80) { start(machine) }
            if machine.shipper == nil, machine.server != nil, chance(100) { startShipper(machine) }
            if !machine.isDown, now >= machine.pausedUntil, chance(swarm.compaction) {
                maintain(machine)
            }
        }
    }

    /// One step of bad luck.
    func hurt() {
        for machine in machines where !machine.isDown && now >= machine.pausedUntil {
            hurt(machine)
            settle(machine)
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

    private func hurt(_ machine: SystemMachine) {
        let disk = machine.simulation.disk
        if chance(swarm.kill) { machine.process.kill() }
        if chance(swarm.kill) { machine.shipperProcess.kill() }
        if chance(swarm.powerCut) { cutPower(machine) }
        if chance(swarm.pause) {
            machine.pausedUntil =
                now + UInt64.random(in: 1...6_000, using: &random) * Self.millisecond
            note("node \(machine.index) stands still")
        }
        if chance(swarm.ambush) {
            let after = UInt64.random(in: 1...60, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: disk.failOperation(at: disk.operations + after, .io)
            case 1: disk.failOperation(at: disk.operations + after, .noSpace)
            case 2: disk.failOperation(at: disk.operations + after, .shortWrite)
            case 3: machine.shipperProcess.fail(after: after, .powerCut)
            default: machine.process.fail(after: after, .powerCut)
            }
        }
        if chance(swarm.full) { disk.capacity = disk.usedBytes + 3_000 }
        if chance(60) { disk.capacity = nil }
        if swarm.skews, chance(5) { skew(machine) }
        if chance(swarm.promotion) { promote(machine) }
        if machine.promotion != nil, chance(10) { giveUp(machine) }
    }

    /// What an operator sees to, also while things fail.
    private func operate(_ machine: SystemMachine) {
        if let store = machine.store, store.failure != nil {
            machine.process.kill()
            return settle(machine)
        }
        // A deposed server's directory is to follow.
        guard let store = machine.server?.store, store.role == .deposed else { return }
        stop(machine)
        if machine.shipper != nil, chance(700) { shipperDied(machine) }
    }

    private func maintain(_ machine: SystemMachine) {
        guard let store = machine.store, !machine.process.isDead else { return }
        do throws(StoreError) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: try store.compact()
            default: try store.flush()
            }
        } catch {
            note("node \(machine.index) does not flush: \(error)")
        }
        settle(machine)
    }

    private func read(_ machine: SystemMachine) {
        guard let server = machine.server, server.isOpen, server.store.role == .primary else {
            return
        }
        let store = server.store
        let safe =
            swarm.replicas > 0
            ? store.replication.sequence(durableAt: swarm.replicas) : machine.mustHold
        checker.reads(
            store, upTo: store.visibleSequence, safeUpTo: safe, isNew: false, machine)
    }

    // MARK: Peace

    /// From now on nothing fails.
    func heal() {
        swarm.heal()
        network.cut = []
        network.faults = swarm.faults
        for machine in machines {
            machine.simulation.disk.capacity = nil
            machine.simulation.disk.forgetFailures()
            machine.pausedUntil = 0
            machine.process.forgetFailures()
            machine.shipperProcess.forgetFailures()
            machine.daemons.forEach { daemon in
                daemon.hangs = 0
                daemon.process.forgetFailures()
            }
            settle(machine)
        }
        note("all is healed")
    }

    /// An operator who wants one primary and two followers.
    func operate(_ step: Int) {
        for machine in machines {
            if machine.isDown { start(machine) }
            if machine.server != nil { startShipper(machine) }
            machine.daemons.forEach { $0.restart() }
            if step % 20 == 19 { operate(machine) }
        }
        guard step % 100 == 99 else { return }
        for machine in machines where machine.promotion != nil { giveUp(machine) }
        // Whom somebody cannot follow, by the promise, is no primary any more; the next one begins
        // an epoch above all.
        let leaders = machines.filter(\.leads)
        let isSplit = leaders.contains { leader in
            guard let history = leader.store?.terms else { return false }
            return machines.contains { machine in
                TermRule.judge(history, against: promise(of: machine)) != .mayLead
            }
        }
        for machine in leaders where isSplit {
            stop(machine)
            shipperDied(machine)
            machine.process.start()
            machine.ownerGeneration = nextGeneration()
            follow(machine)
            settle(machine)
        }
        guard machines.allSatisfy({ !$0.leads }) else { return }
        promote(machines[step / 100 % 3])
    }

    private func promise(of machine: SystemMachine) -> TermID {
        machine.follower?.storage.state().promise ?? machine.store?.promise ?? .zero
    }

    var leader: SystemMachine? {
        let leaders = machines.filter(\.leads)
        return leaders.count == 1 ? leaders[0] : nil
    }

    var isAtRest: Bool {
        guard let leader, let store = leader.server?.store, clients.open.isEmpty,
            leader.shipper?.link != nil, store.replication.attached == machines.count - 1
        else { return false }
        return store.visibleSequence == store.lastLogged
            && machines.allSatisfy { machine in
                guard machine !== leader else { return true }
                guard let follower = machine.follower, let copy = follower.storage.store else {
                    return false
                }
                return copy.lastLogged == store.lastLogged && copy.terms == store.terms
                    && follower.tasks.isEmpty
                    && follower.machine.stateName == "streaming"
            }
    }

    /// N7, and that nothing acknowledged is missing.
    func checkRest() throws {
        guard let leader, let store = leader.server?.store else { return }
        checker.holdsAcknowledged(store, "in the end node \(leader.index)")
        let time = machines.map(wallTime).max() ?? 0
        let digest = try store.digest(now: time, cellsPerRange: 16)
        for machine in machines {
            guard let copy = machine.store else { continue }
            checker.shows(copy, machine, clients, "in the end")
            if copy.terms != store.terms {
                checker.found("N2: nodes \(leader.index) and \(machine.index) differ in terms")
            }
            if chance(500) { try copy.compact() }
            let other = try copy.digest(now: time, cellsPerRange: 16)
            if other != digest {
                checker.found(
                    "N7: the digests of \(leader.index) and \(machine.index) differ: sequences"
                        + " \(digest.sequence) and \(other.sequence),"
                        + " \(digest.firstDifference(to: other).debugDescription)")
            }
        }
        for machine in machines {
            stop(machine)
            let report = try StoreVerifier.run(
                directory: SystemMachine.directory, environment: machine.simulation.environment)
            if let error = report.errors.first {
                checker.found("node \(machine.index) does not verify: \(error)")
            }
            try leavesNothing(machine)
        }
    }

    /// D7, F7 and N8: what was begun and given up is gone at the next opening.
    private func leavesNothing(_ machine: SystemMachine) throws {
        let simulation = machine.simulation
        let store = try Store.open(
            at: SystemMachine.directory, options: machine.options,
            environment: simulation.environment)
        if simulation.disk.exists("/store/jobs") {
            checker.found("D7: node \(machine.index) leaves a job's files")
        }
        let live = store.manifestMonitor.withLock { store.manifest.state.fileNumbers }
        let found = try simulation.disk.list("/store/tables").compactMap(FileName.tableNumber)
        if Set(found) != live {
            checker.found("node \(machine.index) has orphans, or lacks tables")
        }
        try store.close()
    }

    func describe() -> String {
        machines.map { machine in
            let what =
                switch machine.owner {
                case .nobody: "down"
                case .server(let server): "\(server.store.role)"
                case .follower(let follower): follower.machine.stateName
                case .promotion: "fencing"
                }
            let store = machine.store
            return "node \(machine.index) \(what) end \(store?.lastLogged ?? 0)"
                + " visible \(store?.visibleSequence ?? 0) promise \(promise(of: machine))"
                + " term \(store?.terms.currentID ?? .zero)"
        }.joined(separator: "; ") + "; \(clients.open.count) writes wait"
    }
}
