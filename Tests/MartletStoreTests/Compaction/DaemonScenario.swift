import MartletSimulation
import Testing

@testable import MartletStore

/// A store whose compactions are offered to daemons, on one simulated machine that a seed decides.
///
/// `@unchecked Sendable`: a simulation has one thread.
final class DaemonScenario: @unchecked Sendable {
    let scenario: StoreScenario
    let server: SimulatedProcess
    let daemons: [SimulatedDaemon]
    private var random: SeededGenerator
    /// Whether killings, hangs and failures go on.
    var isCruel = false
    private(set) var kills = 0

    init(seed: UInt64, daemons count: Int) throws {
        var process: SimulatedProcess?
        var options = StoreScenario.smallest
        options.levelZeroFiles = Int(seed % 3) + 1
        scenario = try StoreScenario(seed: seed, options: options) { disk in
            let made = SimulatedProcess(disk)
            process = made
            return made
        }
        server = try #require(process)
        random = SeededGenerator(seed: seed &* 77)
        let simulation = scenario.simulation
        simulation.clock.set(20)
        daemons = (0..<count).map {
            SimulatedDaemon(simulation, seed: seed &* 100 &+ UInt64($0))
        }
        for daemon in daemons { daemon.connect(scenario.store.desk) }
        simulation.executor.beside { [weak self] in self?.move() ?? false }
    }

    deinit { scenario.simulation.executor.beside(nil) }

    /// One step of what goes on beside the server. False while the server does not wait for it.
    private func move() -> Bool {
        let desk = scenario.store.desk
        guard desk.isWaiting else { return false }
        if isCruel { harm() }
        if server.isDead {
            // A dead process waits for nothing.
            desk.close()
            return true
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            // The model knows no cells that expire on the way: the wall clock stands still.
            let (clock, now) = (scenario.simulation.clock, scenario.simulation.clock.now())
            clock.advance(microseconds: 400_000)
            clock.set(now)
        default: daemons.randomElement(using: &random)?.step()
        }
        return true
    }

    private func harm() {
        guard let daemon = daemons.randomElement(using: &random) else { return }
        switch Int.random(in: 0..<60, using: &random) {
        case 0:
            kills += 1
            daemon.kill(isSilent: Bool.random(using: &random))
        case 1: daemon.hangs = Int.random(in: 1...60, using: &random)
        case 2...4 where daemon.process.isDead || daemon.desk == nil:
            daemon.process.start()
            daemon.connect(scenario.store.desk)
        case 5:
            let failure = [DiskFailure.io, .noSpace, .powerCut].randomElement(using: &random)
            daemon.process.fail(
                after: UInt64.random(in: 1...60, using: &random), failure ?? .io)
        case 6:
            kills += 1
            server.fail(after: UInt64.random(in: 1...40, using: &random), .powerCut)
        default: break
        }
    }

    /// Starts the server again, after its death or a power cut.
    func restart(powerCut: CrashMode?) throws {
        let simulation = scenario.simulation
        scenario.store.desk.close()
        server.kill()
        simulation.executor.removeAll()
        if let powerCut {
            for daemon in daemons { daemon.kill(isSilent: true) }
            simulation.disk.crash(seed: random.next(), mode: powerCut)
        }
        server.start()
        try scenario.reopen()
        for daemon in daemons {
            if daemon.process.isDead { daemon.process.start() }
            daemon.connect(scenario.store.desk)
        }
    }

    /// Lets all end in peace, and looks whether a file is left that nobody names.
    func settle() throws {
        isCruel = false
        for daemon in daemons {
            daemon.hangs = 0
            daemon.process.start()
            daemon.connect(scenario.store.desk)
        }
        try scenario.store.compact()
        scenario.simulation.executor.runAll()
        try scenario.check("settled")
        let disk = scenario.simulation.disk
        let live = scenario.store.manifestMonitor.withLock {
            scenario.store.manifest.state.fileNumbers
        }
        let found = try disk.list("/store/tables").compactMap(FileName.tableNumber)
        try #require(Set(found) == live, "seed \(scenario.seed): orphans, or a table is lost")
        try #require(
            !disk.exists("/store/jobs"), "seed \(scenario.seed): a job's files are left")
    }
}

extension StoreScenario {
    /// So small that a hundred batches make several levels.
    static var smallest: StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = 64 << 10
        options.memtableSize = 2 << 10
        options.logSegmentSize = 4 << 10
        options.tableFileSize = 1 << 10
        options.levelBase = 4 << 10
        options.verifiesOutputs = true
        options.diskReserve = 0
        return options
    }
}
