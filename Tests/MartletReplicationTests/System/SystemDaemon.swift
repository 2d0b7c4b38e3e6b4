import MartletCompaction
import MartletSimulation

@testable import MartletStore

/// `martlet compactd` on a simulated machine: its machine, the server's session with it, and the
/// merging, moved one step at a time.
final class SystemDaemon {
    private struct Job {
        var offer: JobBoard.Offer
        var isCancelled = false
    }

    let process: SimulatedProcess
    private let worker: CompactionWorker
    private var machine: DaemonMachine?
    private var session: DeskSession?
    /// The server's process that the session is with.
    private var generation = 0
    private let news = Flag()
    private var forServer: [DaemonFrame] = []
    private var forDaemon: [MartletCompaction.ServerFrame] = []
    private var jobs: [Job] = []
    /// Steps for which it does nothing, as a stopped process.
    var hangs = 0
    private(set) var tables = 0

    init(_ simulation: Simulation) {
        process = SimulatedProcess(simulation.disk)
        process.start()
        var environment = simulation.environment
        environment.fileSystem = process
        worker = CompactionWorker(store: SystemMachine.directory, environment: environment)
    }

    /// Killed; the kernel closes its socket.
    func kill() {
        process.kill()
        machine = nil
        disconnect()
        jobs = []
    }

    func restart() {
        guard process.isDead else { return }
        kill()
        process.start()
    }

    private func disconnect() {
        session?.end()
        session = nil
        forServer = []
        forDaemon = []
    }

    func step(
        _ server: ServerProcess?, generation: Int, now: UInt64,
        using random: inout SeededGenerator
    ) {
        if hangs > 0 {
            hangs -= 1
            return
        }
        if process.isDead { return }
        if session != nil, server == nil || generation != self.generation {
            disconnect()
            perform(machine?.disconnected(now: now) ?? [], server, generation, now)
        }
        if machine == nil, let server {
            machine = DaemonMachine(
                Hello(
                    store: server.store.id, workers: UInt16.random(in: 1...2, using: &random),
                    memory: 1 << 30, name: "daemon", build: "simulated"))
        }
        if news.take() { answer(session?.news() ?? []) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            perform(machine?.tick(now: now, bytes: [:]) ?? [], server, generation, now)
        case 1, 2:
            if !forServer.isEmpty {
                answer(session?.received(forServer.removeFirst()) ?? [])
            }
        case 3, 4:
            if !forDaemon.isEmpty {
                let frame = forDaemon.removeFirst()
                perform(machine?.received(frame, now: now) ?? [], server, generation, now)
            }
        default: work(server, generation, now)
        }
    }

    private func answer(_ actions: [DeskSession.Action]) {
        for action in actions {
            switch action {
            case .send(let frame): forDaemon.append(frame)
            case .refuse(let refusal, let text): forDaemon.append(.refused(refusal, text))
            }
        }
    }

    private func perform(
        _ actions: [DaemonMachine.Action], _ server: ServerProcess?, _ generation: Int,
        _ now: UInt64
    ) {
        for action in actions {
            switch action {
            case .connect: connect(server, generation, now)
            case .send(let frame): forServer.append(frame)
            case .start(let offer): jobs.append(Job(offer: offer))
            case .cancel(let token):
                for index in jobs.indices where jobs[index].offer.token == token {
                    jobs[index].isCancelled = true
                }
            case .disconnect:
                disconnect()
                perform(machine?.disconnected(now: now) ?? [], server, generation, now)
            case .stopped, .refused:
                disconnect()
                machine = nil
            }
        }
    }

    private func connect(_ server: ServerProcess?, _ generation: Int, _ now: UInt64) {
        guard let server else {
            return perform(machine?.disconnected(now: now) ?? [], nil, generation, now)
        }
        let host = DeskSession.Host(
            desk: server.store.desk, store: server.store.id,
            leaseMilliseconds: UInt32(server.store.options.daemonLease / 1_000), build: "")
        session = DeskSession(host) { [news] in news.raise() }
        self.generation = generation
        perform(machine?.connected() ?? [], server, generation, now)
    }

    /// One table of one job, or the job's end.
    private func work(_ server: ServerProcess?, _ generation: Int, _ now: UInt64) {
        guard !jobs.isEmpty else { return }
        let (job, token) = (jobs[0].offer.job, jobs[0].offer.token)
        func end(_ outcome: DaemonMachine.Outcome) {
            jobs.removeFirst()
            let actions = machine?.jobEnded(job.id, token: token, outcome, now: now)
            perform(actions ?? [], server, generation, now)
        }
        if jobs[0].isCancelled { return end(.cancelled) }
        if jobs[0].offer.progress.isComplete(job) { return end(.written) }
        var found: (TableMetadata, [UInt8])?
        do throws(StoreError) {
            try worker.run(jobs[0].offer) { (table, rest) throws(StoreError) in
                found = (table, rest)
                return false
            }
        } catch {
            return process.isDead ? () : end(.failed("\(error)"))
        }
        guard let (table, rest) = found, !process.isDead else {
            return process.isDead ? () : end(.written)
        }
        tables += 1
        jobs[0].offer.progress = JobProgress(
            tables: jobs[0].offer.progress.tables + 1, rest: rest)
        let actions = machine?.tableFinished(job.id, token: token, table, rest: rest)
        perform(actions ?? [], server, generation, now)
    }
}

/// What goes on beside a server whose compaction lane waits for daemons.
extension SystemWorld {
    func makeDaemons(_ machine: SystemMachine) {
        guard swarm.daemons > 0 else { return }
        machine.daemons = (0..<swarm.daemons).map { _ in SystemDaemon(machine.simulation) }
        let index = machine.index
        machine.simulation.executor.beside { [weak self] in self?.beside(index) ?? false }
    }

    func tendDaemons(_ machine: SystemMachine) {
        for daemon in machine.daemons {
            daemon.step(
                machine.server, generation: machine.ownerGeneration, now: now, using: &random)
        }
    }

    /// One step of it. False while the server does not wait.
    private func beside(_ index: Int) -> Bool {
        let machine = machines[index]
        guard let desk = machine.server?.store.desk, desk.isWaiting else { return false }
        if machine.process.isDead {
            // A dead process waits for nothing.
            desk.close()
            return true
        }
        let isFirst = busy.isEmpty
        let wasBusy = !busy.insert(index).inserted
        defer { if !wasBusy { busy.remove(index) } }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: advance(UInt64.random(in: 5...60, using: &random) * Self.millisecond)
        case 1: harm(machine)
        case 2 where isFirst: others(machine)
        default: tendDaemons(machine)
        }
        return true
    }

    /// The rest of the world goes on, and so does what the server does on other threads.
    private func others(_ machine: SystemMachine) {
        step()
        if !swarm.isPeaceful, chance(300) { write(machine) }
        if let server = machine.server, now >= machine.pausedUntil {
            tend(server, machine)
            work(server, machine)
        }
    }

    private func harm(_ machine: SystemMachine) {
        guard let daemon = machine.daemons.randomElement(using: &random) else { return }
        if daemon.process.isDead { return daemon.restart() }
        guard swarm.kill > 0 else { return }
        switch Int.random(in: 0..<40, using: &random) {
        case 0:
            count("daemon kill")
            daemon.kill()
        case 1: daemon.hangs = Int.random(in: 1...60, using: &random)
        case 2:
            let failure = [DiskFailure.io, .noSpace, .powerCut].randomElement(using: &random)
            daemon.process.fail(
                after: UInt64.random(in: 1...60, using: &random), failure ?? .io)
        case 3: machine.process.fail(after: UInt64.random(in: 1...40, using: &random), .powerCut)
        default: break
        }
    }
}
