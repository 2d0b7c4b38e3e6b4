import MartletSimulation

@testable import MartletStore

/// A compaction daemon on a simulated machine, moved one step at a time: it attaches, claims, beats,
/// writes one table, tells of it, and so on. It may be killed, hang, fail and lie.
final class SimulatedDaemon {
    let process: SimulatedProcess
    private let worker: CompactionWorker
    private var random: SeededGenerator
    private(set) var desk: CompactionDesk?
    private var id: UInt64 = 0
    private(set) var offer: JobBoard.Offer?
    private var bytes: UInt64 = 0
    /// Steps for which it does nothing, as a stopped process.
    var hangs = 0
    /// Changes a table behind the back of its report, or the report itself.
    var lie: ((inout TableMetadata, inout [UInt8], JobBoard.Offer, String) -> Void)?
    private(set) var tables = 0
    private(set) var refused: [JobRefusal] = []

    init(_ simulation: Simulation, seed: UInt64) {
        process = SimulatedProcess(simulation.disk)
        random = SeededGenerator(seed: seed)
        var environment = simulation.environment
        environment.fileSystem = process
        worker = CompactionWorker(store: "/store", environment: environment)
    }

    /// The server is another one, or gone: a daemon drops what it has.
    func connect(_ desk: CompactionDesk?) {
        if let old = self.desk { old.detach(id) }
        self.desk = desk
        offer = nil
        guard let desk else { return }
        id = desk.attach(JobBoard.Daemon(name: "d", workers: 1, memory: .max)) {}
    }

    /// Killed; the kernel closes its socket unless the machine hangs with it.
    func kill(isSilent: Bool = false) {
        process.kill()
        if isSilent {
            desk = nil
            offer = nil
        } else {
            connect(nil)
        }
    }

    func step() {
        if hangs > 0 {
            hangs -= 1
            return
        }
        guard let desk else { return }
        if process.isDead { return kill() }
        guard let offer else {
            self.offer = desk.claim(id, memory: .max)
            return
        }
        do throws(JobRefusal) {
            try work(offer, desk)
        } catch {
            refused.append(error)
            self.offer = nil
        }
        if process.isDead { kill(isSilent: Bool.random(using: &random)) }
    }

    private func work(
        _ offer: JobBoard.Offer, _ desk: CompactionDesk
    ) throws(JobRefusal) {
        let (job, token) = (offer.job, offer.token)
        switch Int.random(in: 0..<16, using: &random) {
        case 0:
            self.offer = nil
            return try desk.release(job.id, token: token)
        case 1...4:
            bytes += 1
            return try desk.heard(job.id, token: token, bytes: bytes)
        default: break
        }
        if offer.progress.isComplete(job) {
            self.offer = nil
            return try desk.written(job.id, token: token)
        }
        var found: (TableMetadata, [UInt8])?
        do throws(StoreError) {
            try worker.run(offer) { (table, rest) throws(StoreError) in
                found = (table, rest)
                return false
            }
        } catch {
            self.offer = nil
            if process.isDead { return }
            return try desk.failed(job.id, token: token)
        }
        guard var (table, rest) = found else {
            self.offer = nil
            return try desk.written(job.id, token: token)
        }
        tables += 1
        let path =
            JobFiles(store: "/store", process).claimDirectory(job.id, token) + "/"
            + FileName.table(table.number)
        lie?(&table, &rest, offer, path)
        if process.isDead { return }
        try desk.finished(table, of: job.id, token: token, rest: rest)
        self.offer?.progress = JobProgress(tables: offer.progress.tables + 1, rest: rest)
    }
}
