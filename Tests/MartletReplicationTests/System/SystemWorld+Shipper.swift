import MartletSimulation

@testable import MartletReplication
@testable import MartletStore

/// What the shells around `Shipper` and behind the link do, without sockets.
extension SystemWorld {
    func startShipper(_ machine: SystemMachine) {
        guard machine.shipper == nil else { return }
        machine.shipperProcess.start()
        var settings = ShipperSession.Settings()
        settings.times = times
        settings.window = swarm.window
        settings.groupBytes = swarm.groupBytes
        settings.bytesPerSecond = swarm.bytesPerSecond
        let source = DirectorySource(
            SystemMachine.directory, environment: machine.environment(of: machine.shipperProcess))
        // Without a store in its directory it ends at once.
        guard let state = try? source.state() else { return }
        machine.shipperGeneration = nextGeneration()
        machine.shipper = ShipperProcess(
            Shipper(settings, primary: state, random: random.next()), source)
        note("node \(machine.index): a shipper starts")
    }

    func shipperDied(_ machine: SystemMachine) {
        machine.shipperProcess.kill()
        machine.shipper?.link?.shipperIsGone = true
        machine.shipper = nil
        let generation = machine.shipperGeneration
        dropWires(of: machine) { $0.peer == machine.index && $0.peerGeneration == generation }
        count("shipper crash")
    }

    func perform(
        _ actions: [Shipper.Action], _ shipper: ShipperProcess, _ machine: SystemMachine
    ) {
        for action in actions {
            switch action {
            case .send(let wire, let frame): sendToFollower(frame, wire, from: machine.index)
            case .close(let wire): close(wire, from: machine.index)
            case .read(let wire, let after, let bytes):
                shipper.tasks.append(
                    .read(wire, after: after, bytes: bytes, shipper.machine.primary))
            case .readCatalog(let wire): shipper.tasks.append(.catalog(wire))
            case .readSeed(let wire, let range): shipper.tasks.append(.readSeed(wire, range))
            case .openSeed(let seed, let path):
                shipper.tasks.append(.openSeed(seed, path: path))
            case .closeSeed(let seed): shipper.tasks.append(.closeSeed(seed))
            case .link(let report): shipper.link?.say(report)
            case .notice(let text): note("node \(machine.index): \(text)")
            }
        }
    }

    /// The link, and the directory while there is none.
    func tend(_ shipper: ShipperProcess, _ machine: SystemMachine) {
        if let link = shipper.link {
            if let frame = try? link.nextFrame() {
                perform(
                    shipper.machine.receive(frame, now: now, wallTime: wallTime(machine)),
                    shipper, machine)
            } else if link.serverIsGone {
                shipper.link = nil
                shipper.linkAt = now + ReplicationTimes.second / 2
                perform(shipper.machine.unlinked(now: now), shipper, machine)
            }
            return
        }
        if now >= shipper.linkAt, let server = machine.server {
            let link = LocalLink()
            server.links.append(link)
            shipper.link = link
            return perform(shipper.machine.linked(), shipper, machine)
        }
        guard !shipper.readsState else { return }
        shipper.readsState = true
        shipper.tasks.append(.readState)
    }

    /// The shipper's disk thread does what is next.
    func work(_ shipper: ShipperProcess, _ machine: SystemMachine) {
        guard !shipper.tasks.isEmpty else { return }
        let task = shipper.tasks.removeFirst()
        let actions = perform(task, shipper, machine)
        if machine.shipperProcess.isDead { return }
        perform(actions, shipper, machine)
    }

    private func perform(
        _ task: ShipperProcess.Task, _ shipper: ShipperProcess, _ machine: SystemMachine
    ) -> [Shipper.Action] {
        let source = shipper.source
        switch task {
        case .read(let wire, let after, let bytes, let state):
            let reading = source.read(after: after, bytes: bytes, connection: wire, state: state)
            return shipper.machine.read(reading, after: after, for: wire, now: now)
        case .catalog(let wire):
            guard let (edit, nextTree) = try? source.catalog() else {
                close(wire, from: machine.index)
                return []
            }
            return shipper.machine.catalog(edit, nextTree: nextTree, for: wire, now: now)
        case .readSeed(let wire, let range):
            return shipper.machine.seedRead(try? source.readSeed(range), for: wire, now: now)
        case .openSeed(let seed, let path):
            do {
                let offer = try source.openSeed(seed, path: path)
                return shipper.machine.seedOpened(offer, now: now)
            } catch {
                return shipper.machine.seedFailed(seed, "\(error)", now: now)
            }
        case .closeSeed(let seed):
            source.closeSeed(seed)
            return []
        case .forget(let wire):
            source.forget(connection: wire)
            return []
        case .readState:
            shipper.readsState = false
            guard shipper.link == nil, let state = try? source.state(),
                state != shipper.machine.primary
            else { return [] }
            return shipper.machine.update(state, now: now, wallTime: wallTime(machine))
        }
    }

    // MARK: The server's end

    /// News for the shipper, and its reports.
    func tend(_ server: ServerProcess, _ machine: SystemMachine) {
        if server.news.take() {
            server.wake.end()
            tell(server)
        }
        for link in server.links {
            if let report = try? link.nextReport() {
                handle(report, link, server, machine)
            } else if link.shipperIsGone {
                server.links.removeAll { $0 === link }
                guard server.attached === link else { continue }
                server.attached = nil
                server.tasks.append(.shipperIsGone)
            }
        }
    }

    private func tell(_ server: ServerProcess) {
        guard let link = server.attached, link.isWritableByServer else { return }
        link.say(.state(server.storage.state()))
    }

    private func handle(
        _ report: LinkReport, _ link: LocalLink, _ server: ServerProcess,
        _ machine: SystemMachine
    ) {
        if case .attach = report {
            if let old = server.attached, old !== link {
                old.serverIsGone = true
                server.tasks.append(.shipperIsGone)
            }
            server.attached = link
            return tell(server)
        }
        guard server.attached === link else { return }
        switch report {
        case .attach: return
        case .follower(let position): server.tasks.append(.follower(position))
        case .deposed(let term):
            if swarm.lies { return count("lie") }
            note("node \(machine.index) is deposed by \(term)")
            server.tasks.append(.depose(term))
        case .seedWanted(let seed): server.tasks.append(.makeSeed(seed, link))
        case .seedDone(let seed): server.tasks.append(.dropSeed(seed))
        }
    }

    /// The link's disk thread does what is next.
    func work(_ server: ServerProcess, _ machine: SystemMachine) {
        if !server.isOpen { server.isOpen = (try? server.storage.opens()) ?? false }
        guard !server.tasks.isEmpty else { return }
        switch server.tasks.removeFirst() {
        case .follower(let position): server.storage.follower(position)
        case .shipperIsGone: server.storage.shipperIsGone()
        case .depose(let term):
            server.storage.depose(by: term)
            if server.store.role == .deposed { count("deposed") }
        case .makeSeed(let seed, let link):
            count("seed")
            do throws(StoreError) {
                let path = try server.storage.makeSeed(seed)
                if !link.shipperIsGone { link.say(.seedMade(seed: seed, path: path)) }
            } catch {
                if !link.shipperIsGone {
                    link.say(.seedFailed(seed: seed, message: "\(error)"))
                }
            }
        case .dropSeed(let seed): server.storage.dropSeed(seed)
        }
    }
}
