import ArgumentParser
import Glibc
import MartletHarness
import MartletSimulation
import MartletStore

/// `martlet-probe compactd`: a store under load and its compaction daemons, killed again and again.
/// `tools/crash compactd` runs it.
struct CompactdProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compactd",
        abstract: "Kill a store and its compaction daemons at random moments, under load.",
        discussion: """
            Every life of the store begins with a comparison of all rows with what the writes up \
            to the last one must have made of them. In the end all of the store is compacted, \
            compared again and read by the verifier; a file that nobody names is a failure.

            Exit status: 0 nothing found; 1 something lost, damaged or left over.
            """)

    @Option(help: "The martlet program.")
    var martlet: String

    @Option(help: "How often something is killed.")
    var rounds = 100

    @Option(help: "Decides what is killed, and when.")
    var seed = UInt64.random(in: 0..<1_000_000)

    @Option(help: "Daemons.")
    var daemons = 2

    @Option(help: "A directory for the store and the log, which must not exist.")
    var directory: String

    private var data: String { directory + "/data" }
    private var log: String { directory + "/log" }
    private var report: String { directory + "/report" }

    private func store(_ flags: String...) throws -> ChildProcess {
        let own = CommandLine.arguments[0]
        return try ChildProcess(
            [own, "store-load", "--data", data, "--report", report] + flags, log: log)
    }

    private func daemon() throws -> ChildProcess {
        try ChildProcess([martlet, "compactd", "--data", data, "--jobs", "2"], log: log)
    }

    func run() async throws {
        guard mkdir(directory, 0o700) == 0 else {
            throw ValidationError("--directory: \(String(cString: strerror(errno)))")
        }
        print("martlet-probe compactd: seed=\(seed) rounds=\(rounds) daemons=\(daemons)")
        var run = Run(random: SeededGenerator(seed: seed))
        var server = try store()
        try wait(for: data + "/CURRENT")
        var helpers = try (0..<daemons).map { _ in try daemon() }
        for round in 0..<rounds {
            let life = UInt64.random(in: 20...700, using: &run.random)
            if let code = server.wait(until: .after(milliseconds: life)) {
                throw HarnessError("round \(round): the store ended with \(code), see \(log)")
            }
            let victim = Int.random(in: 0..<8, using: &run.random)
            if victim >= 4 {
                server.send(SIGKILL)
                _ = server.wait()
                run.storeKills += 1
                try run.take(report)
                server = try store()
            }
            if victim <= 4, let index = helpers.indices.randomElement(using: &run.random) {
                if victim == 0 {
                    helpers[index].send(SIGSTOP)
                    Deadline.after(milliseconds: .random(in: 1...1_600, using: &run.random)).pass()
                    helpers[index].send(SIGCONT)
                    run.stops += 1
                } else {
                    helpers[index].send(SIGKILL)
                    _ = helpers[index].wait()
                    run.daemonKills += 1
                    helpers[index] = try daemon()
                }
            }
        }
        for helper in helpers {
            helper.send(SIGTERM)
            let code = helper.wait()
            // One that was only just started may not listen to signals yet.
            guard code == 0 || code == -SIGTERM else {
                throw HarnessError("a daemon stopped with \(code)")
            }
        }
        server.send(SIGKILL)
        _ = server.wait()
        try run.take(report)
        try finish(run)
    }

    private func wait(for path: String) throws {
        guard waitUntil(.after(seconds: 60), { access(path, F_OK) == 0 }) else {
            throw HarnessError("no store, see \(log)")
        }
    }

    /// The last look: by the store itself, by the verifier, and at the files.
    private func finish(_ run: Run) throws {
        let code = try store("--check").wait()
        guard code == 0 else { throw HarnessError("the check ended with \(code), see \(log)") }
        let files = try StoreVerifier.run(directory: data, environment: .system)
        let left = files.warnings + files.errors
        let jobs = access(data + "/jobs", F_OK) == 0
        print(run)
        guard files.isSound, left.isEmpty, !jobs else {
            throw HarnessError("left over: \(left) jobs/ \(jobs ? "is there" : "is gone")")
        }
        print("all rows as they must be, \(files.files) tables verified, nothing left over")
    }

    private struct Run: CustomStringConvertible {
        var random: SeededGenerator
        var storeKills = 0
        var daemonKills = 0
        var stops = 0
        private var writes: UInt64 = 0
        private var counts = JobBoard.Counts()

        init(random: SeededGenerator) { self.random = random }

        /// Adds what the store's last life did.
        mutating func take(_ path: String) throws {
            let report = try LoadReport(path)
            writes = report.acknowledged
            counts.committed += report.counts.committed
            counts.daemonBytes += report.counts.daemonBytes
            counts.fallbacks += report.counts.fallbacks
            counts.refused += report.counts.refused
            counts.expired += report.counts.expired
            try report.forgetCounts()
        }

        var description: String {
            """
            \(storeKills) kills of the store, \(daemonKills) of daemons, \(stops) stops; \
            \(writes) writes; \(counts.committed) jobs committed, \(counts.daemonBytes) bytes by \
            daemons, \(counts.fallbacks) jobs run by the store, \(counts.expired) claims expired, \
            \(counts.refused) refused
            """
        }
    }
}
