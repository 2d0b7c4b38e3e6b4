import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// Starts, stops and deaths of whoever has a machine's store.
extension SystemWorld {
    /// Starts what the store's role says, as an operator or a supervisor does.
    func start(_ machine: SystemMachine) {
        guard machine.isDown else { return }
        machine.process.start()
        machine.simulation.executor.removeAll()
        machine.ownerGeneration = nextGeneration()
        machine.lastRole = roleOnDisk(machine) ?? machine.lastRole
        if follows(machine) { follow(machine) } else { serve(machine) }
        if machine.process.isDead { return ownerDied(machine) }
        if let follower = machine.follower {
            checker.promises(follower.storage.state().promise, machine)
        }
        if let store = machine.store { checker.opened(store, machine, clients) }
    }

    /// Whether a follower is to be started: an old primary's directory becomes one where a newer
    /// primary is about.
    private func follows(_ machine: SystemMachine) -> Bool {
        switch machine.lastRole {
        case .follower: return true
        case .deposed: return chance(700)
        case .primary:
            let epoch = epoch(of: machine)
            let isOld = machines.contains { other in
                other.index != machine.index && other.leads && self.epoch(of: other) > epoch
            }
            return isOld && chance(800)
        }
    }

    private func epoch(of machine: SystemMachine) -> UInt32 {
        if let store = machine.store { return store.epoch }
        return machine.audit.history.currentID.epoch
    }

    private func serve(_ machine: SystemMachine) {
        let environment = machine.environment(of: machine.process)
        do throws(StoreError) {
            let store = try Store.open(
                at: SystemMachine.directory, options: machine.options, environment: environment)
            machine.owner = .server(
                ServerProcess(store, replicas: swarm.replicas, environment: environment))
            note("node \(machine.index) serves as \(store.role), end \(store.lastLogged)")
        } catch {
            failed("serve", error, machine)
        }
    }

    func follow(_ machine: SystemMachine) {
        do throws(StoreError) {
            let storage = try StoreFollower(
                SystemMachine.directory, options: machine.options,
                environment: machine.environment(of: machine.process))
            var settings = FollowerMachine.Settings(
                follower: storage.follower, name: "n\(machine.index)", addresses: 2)
            settings.times = times
            settings.seedPieceBytes = swarm.seedPieceBytes
            machine.owner = .follower(
                FollowerProcess(
                    FollowerMachine(settings, storage.state(), random: random.next()), storage))
            machine.lastRole = .follower
            note("node \(machine.index) follows, end \(storage.store?.lastLogged ?? 0)")
        } catch {
            failed("follow", error, machine)
        }
    }

    private func failed(_ what: String, _ error: StoreError, _ machine: SystemMachine) {
        note("node \(machine.index) cannot \(what): \(error)")
        machine.process.kill()
        // What a failing or full disk and a killed process explain.
        if [.io, .noSpace].contains(error.code) { return }
        checker.found("node \(machine.index) cannot \(what): \(error)")
    }

    /// The owner's process is gone, and with it all that was in its memory.
    func ownerDied(_ machine: SystemMachine) {
        machine.process.kill()
        guard !machine.isDown else { return }
        note("node \(machine.index): its process is gone")
        count("kill")
        leave(machine)
        // Whoever kills a process may as well cut the power of the machine.
        if chance(swarm.powerCut * 20) { cutPower(machine) }
    }

    /// Lets go of the owner, dead or stopped.
    func leave(_ machine: SystemMachine) {
        if let server = machine.server {
            server.storage.listen(nil)
            server.links.forEach { $0.serverIsGone = true }
        }
        let generation = machine.ownerGeneration
        dropWires(of: machine) { wire in
            (wire.follower == machine.index && wire.generation == generation)
                || (wire.peer == machine.index && wire.peerGeneration == generation)
        }
        machine.owner = .nobody
        machine.simulation.executor.removeAll()
        clients.serverIsGone(generation)
    }

    /// Stops in order, as on SIGTERM.
    func stop(_ machine: SystemMachine) {
        switch machine.owner {
        case .nobody: return
        case .server(let server):
            server.storage.listen(nil)
            try? server.store.close()
        case .follower(let follower):
            perform(follower.machine.stop(), of: follower, machine)
            try? follower.storage.close()
        case .promotion(let promotion): try? promotion.storage.close()
        }
        collect()
        checker.audit(machine)
        note("node \(machine.index) stops")
        leave(machine)
        machine.process.kill()
    }

    func cutPower(_ machine: SystemMachine) {
        let mode = CrashMode.allCases.randomElement(using: &random) ?? .random
        machine.process.kill()
        machine.shipperProcess.kill()
        machine.daemons.forEach { $0.kill() }
        if !machine.isDown { leave(machine) }
        if machine.shipper != nil { shipperDied(machine) }
        machine.held = []
        machine.simulation.crash(seed: random.next(), mode: mode)
        note("node \(machine.index) loses power (\(mode))")
        count("crash")
    }

    // MARK: Promotion

    /// An operator promotes a follower: `martlet promote`.
    func promote(_ machine: SystemMachine) {
        guard machine.follower?.storage.store != nil else { return }
        stop(machine)
        machine.process.start()
        machine.ownerGeneration = nextGeneration()
        do throws(StoreError) {
            let storage = try StoreFollower(
                SystemMachine.directory, options: machine.options, takesOver: false,
                environment: machine.environment(of: machine.process))
            try fence(storage, machine)
        } catch {
            failed("promote", error, machine)
        }
        settle(machine)
    }

    /// As `FenceService` begins.
    private func fence(
        _ storage: StoreFollower, _ machine: SystemMachine
    ) throws(StoreError) {
        let state = storage.state()
        if let store = storage.store { checker.opened(store, machine, clients) }
        let needed = 2 - swarm.replicas
        let epoch = max(state.promise.epoch, state.history.currentID.epoch) + 1
        let term = Term(
            epoch: epoch, incarnation: max(1, machine.simulation.random.next()),
            firstSequence: state.lastSequence + 1, keepsCursors: false)
        let fence = PromotionFence(
            term: term.id, needed: needed, history: state.history,
            lastSequence: state.lastSequence)
        let promotion = PromotionProcess(storage, term.id, fence)
        machine.owner = .promotion(promotion)
        note("node \(machine.index) wants to be promoted to \(term.id)")
        if needed <= 0 || swarm.forces { return win(promotion, above: 0, machine) }
        var history = TermHistory()
        try history.begin(term)
        let holds = storage.holdsWhatWasSeen
        let outcome = storage.perform(.promise(history))
        if case .failed = outcome { return giveUp(machine) }
        storage.note(holdsWhatWasSeen: holds)
    }

    func fenceHeard(
        _ frame: FollowerFrame, _ wire: Int, _ promotion: PromotionProcess,
        _ machine: SystemMachine
    ) {
        switch frame {
        case .hello(let hello):
            guard hello.storeID == nil || hello.storeID == promotion.storage.state().storeID else {
                return close(wire, from: machine.index)
            }
            promotion.followers[wire] = hello.follower
            sendToFollower(ShipperFrame(promotion.term, .fence), wire, from: machine.index)
        case .promised(let answer):
            guard let follower = promotion.followers[wire] else { break }
            _ = promotion.fence.receive(answer, from: follower)
        case .refused(let refusal): _ = promotion.fence.receive(refusal)
        default: return
        }
        switch promotion.fence.outcome {
        case .waiting: return
        case .won: win(promotion, above: promotion.term.epoch, machine)
        case .behind, .outbid:
            count("promotion lost")
            note("node \(machine.index) is not promoted: \(promotion.fence.outcome)")
            giveUp(machine)
        }
    }

    /// It goes on as a follower, bound by its own promise.
    func giveUp(_ machine: SystemMachine) {
        guard machine.promotion != nil else { return }
        stop(machine)
        start(machine)
    }

    private func win(
        _ promotion: PromotionProcess, above epoch: UInt32, _ machine: SystemMachine
    ) {
        guard let store = promotion.storage.store else { return giveUp(machine) }
        let keepsCursors = !swarm.forces && promotion.storage.holdsWhatWasSeen
        do throws(StoreError) {
            let term = try store.promote(above: epoch, keepsCursors: keepsCursors)
            if machine.process.isDead { return }
            count("promotion")
            note(
                "node \(machine.index) is promoted to \(term.id), behind \(term.firstSequence - 1)")
            checker.promoted(store, machine)
        } catch {
            note("node \(machine.index) cannot be promoted: \(error)")
        }
        if machine.process.isDead { return }
        stop(machine)
        start(machine)
        startShipper(machine)
    }

    /// What the manifest says, without moving a planned failure.
    func roleOnDisk(_ machine: SystemMachine) -> StoreRole? {
        let disk = machine.simulation.disk
        return disk.observe {
            try? ManifestReader.read(disk, directory: SystemMachine.directory).state.role
        }
    }
}
