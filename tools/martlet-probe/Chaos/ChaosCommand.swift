import ArgumentParser
import Glibc
import MartletHarness
import MartletSimulation

/// `martlet-probe chaos`: a primary and its followers under chat load, with faults and failovers,
/// and the checker over all that clients saw. `tools/chaos` runs it.
struct ChaosCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Break a primary and its followers under chat load, and check what clients saw.",
        discussion: """
            The server runs with replication.followers=1. Server, shipper, compaction daemon and \
            followers are killed and paused, with --namespaces also cut off from each other and \
            from clients, one way or both, and followers are promoted. In the end nothing fails \
            any more; all must come to rest, the checker goes over the history, `martlet verify` \
            over every store, and all must have the same.

            Exit status: 0 nothing found; 1 violations, or stores that are not sound or not the \
            same; 2 the run broke off.
            """)

    @Option(help: "The martlet program.")
    var martlet: String

    @Option(help: "Faults and failovers, one after the other.")
    var rounds = 40

    @Option(help: "In the place of rounds: minutes of them.")
    var minutes: Double?

    @Option(help: "Decides what fails and what clients do (not how long anything takes).")
    var seed = UInt64.random(in: 0..<1_000_000)

    @Option(help: "Followers.")
    var followers = 2

    @Option(help: "Accounts.")
    var users = 6

    @Option(help: "Sends in a second.")
    var sends = 60

    @Option(help: "The longest time that a fault lasts, in milliseconds.")
    var longest: UInt64 = 20_000

    @Option(help: "Of a hundred rounds, how many are failovers.")
    var failovers = 15

    @Flag(help: "Nothing but failovers.")
    var failoversOnly = false

    @Flag(help: "Followers serve reads (--listen), and take the writes when they are promoted.")
    var reads = false

    @Flag(help: "Machines are the network namespaces that tools/chaos has made.")
    var namespaces = false

    @Option(help: "A directory with certificates for the machines; without it plain TCP.")
    var certificates: String?

    @Option(help: "A directory for the stores and the log, which must not exist.")
    var directory: String

    @Flag(help: "Print faults as they begin and end, with the seconds since the start.")
    var events = false

    @Flag(help: "Print the whole history.")
    var history = false

    func run() throws {
        guard 1...5 ~= followers else { throw ValidationError("--followers: 1 to 5") }
        guard mkdir(directory, 0o700) == 0 else {
            throw ValidationError("--directory: \(String(cString: strerror(errno)))")
        }
        // Hashing passwords is not what this is about.
        setenv("MARTLET_TEST_SCRYPT_LOG_ROUNDS", "10", 0)
        print(
            "martlet-probe chaos: seed=\(seed) "
                + (minutes.map { "minutes=\($0)" } ?? "rounds=\(rounds)")
                + " followers=\(followers) users=\(users) \(namespaces ? "namespaces" : "loopback")"
        )
        let run = try prepare()
        let start = monotonicNow()
        var failure: (any Error)?
        do { try run.run() } catch { failure = error }
        let seconds = (monotonicNow() - start) / 1_000_000
        if failure != nil { for machine in run.fleet.machines { machine.killAll() } }
        let crowd = run.crowd
        let report = HistoryChecker.check(
            crowd.history.observations,
            memberships: crowd.history.memberships(created: crowd.created))
        if history {
            for (place, observation) in crowd.history.observations.enumerated() {
                print("#\(place) \(observation)")
            }
        }
        print("\(run.rounds) rounds in \(ChaosTally.seconds(seconds))")
        print(run.tally)
        print("ended by itself: \(ChaosTally.counts(run.fleet.ended))")
        print(report)
        var complaints = run.complaints + [run.fleet.crash].compactMap { $0 }
        let cursors = CursorRecord(crowd.history.observations)
        for (failover, count) in cursors.complaints.sorted(by: <) {
            complaints.append(
                "\(count) devices began afresh with cursors that hold, after \(failover)")
        }
        for (failover, count) in cursors.truthful.sorted(by: <) {
            print("\(count) devices began afresh, as they were to, after \(failover)")
        }
        // Stores of a run that broke off need not be the same yet.
        complaints += try StoreCheck(run.fleet).complaints(areLevel: failure == nil)
        for complaint in complaints { print("found: \(complaint)") }
        if let failure { print("broke off: \(failure)") }
        if !report.isSound || !complaints.isEmpty { throw ExitCode(1) }
        if failure != nil || report.refusedInPairs > 0 { throw ExitCode(2) }
    }

    private func prepare() throws -> ChaosRun {
        var machines = Fleet.Settings(martlet: martlet, directory: directory)
        machines.followers = followers
        machines.certificates = certificates
        machines.isWired = namespaces
        machines.servesReads = reads
        // Small enough for tables to be made and merged in the time of a run.
        machines.serverFlags = ["--set", "store.memtable=1MiB"]
        var people = Crowd.Settings()
        people.users = users
        if namespaces { people.source = 0xc612_0400 }
        var settings = ChaosRun.Settings()
        settings.rounds = minutes == nil ? rounds : .max
        settings.seconds = minutes.map { UInt64($0 * 60) }
        settings.sends = sends
        settings.longest = longest
        settings.failovers = failovers
        settings.failoversOnly = failoversOnly
        settings.tells = events
        return ChaosRun(
            settings, try Fleet(machines), Crowd(people, seed: seed),
            namespaces ? try Namespaces(log: directory + "/log") : nil, seed: seed)
    }
}
