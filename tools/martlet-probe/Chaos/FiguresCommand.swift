import ArgumentParser
import Glibc
import MartletHarness

/// `martlet-probe figures`: how fast followers come level. `tools/chaos figures` runs it.
struct FiguresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures",
        abstract: "Time how a follower catches up, and how one gets a whole store.",
        discussion: """
            On one machine, over loopback, with bytes that do not compress: a follower that was \
            away while the log grew, one that has nothing, and one that has nothing and is killed \
            when half has come. Times end when the follower has all of it on its disk.
            """)

    @Option(help: "The martlet program.")
    var martlet: String

    @Option(help: "The size of the store for a seed.")
    var mebibytes = 1_024

    @Option(help: "The log that a follower lacks; half of the store if not said.")
    var log: Int?

    @Option(help: "A directory with certificates for the machines; without it plain TCP.")
    var certificates: String?

    @Option(help: "A directory for the stores and the log, which must not exist.")
    var directory: String

    func run() throws {
        guard mkdir(directory, 0o700) == 0 else {
            throw ValidationError("--directory: \(String(cString: strerror(errno)))")
        }
        var settings = Fleet.Settings(martlet: martlet, directory: directory)
        settings.followers = 3
        settings.replicas = 0
        settings.certificates = certificates
        settings.serverFlags = ["--set", "replication.retain_bytes=8GiB"]
        let figures = Figures(try Fleet(settings))
        try figures.start()
        let behind = log ?? mebibytes / 2
        try figures.catchUp(behind)
        try figures.grow(by: max(0, mebibytes - behind))
        try figures.seed(figures.fleet.machines[2], isKilled: false)
        try figures.seed(figures.fleet.machines[3], isKilled: true)
        for machine in figures.fleet.machines { machine.killAll() }
    }
}

/// The parts of it, on a fleet whose followers begin one by one.
private final class Figures {
    let fleet: Fleet
    private var fills: UInt64 = 0
    /// Mebibytes that were written into the store.
    private var filled = 0
    /// What the last seed came to.
    private var seedBytes = 0

    init(_ fleet: Fleet) { self.fleet = fleet }

    private var primary: Machine { fleet.primary }

    /// Waits, and says for how many milliseconds.
    @discardableResult
    private func wait(
        _ what: String, seconds: UInt64 = 3_600, until isDone: () throws -> Bool
    ) throws -> UInt64 {
        let start = monotonicNow()
        // Processes are asked how far they are: that is what is timed.
        let isInTime = try waitUntil(.after(seconds: seconds), everyMilliseconds: 5) {
            try fleet.supervise()
            return try isDone()
        }
        guard isInTime else {
            throw HarnessError("\(what): not after \(seconds) s, see \(fleet.log)")
        }
        return (monotonicNow() - start) / 1_000_000
    }

    func start() throws {
        fleet.lead(primary, [.server])
        try wait("there is a store", seconds: 60) { access(primary.data + "/CURRENT", F_OK) == 0 }
        fleet.lead(primary, [.server, .shipper])
        fleet.follow(fleet.machines[1])
        try wait("the follower is level", seconds: 120) { fleet.isLevel(fleet.machines[1]) }
    }

    /// Writes to the store of the stopped server.
    func grow(by mebibytes: Int) throws {
        guard mebibytes > 0 else { return }
        fills += 1
        filled += mebibytes
        _ = primary.stop(.shipper)?.wait()
        let stopped = primary.stop(.server)?.wait() ?? 0
        let fill = try ChildProcess(
            [
                CommandLine.arguments[0], "store-fill", "--data", primary.data, "--mebibytes",
                String(mebibytes), "--seed", String(fills),
            ], log: fleet.log)
        let took = try wait("the store grows") { fill.poll() != nil }
        guard stopped == 0, fill.wait() == 0 else {
            throw HarnessError("the store could not be filled, see \(fleet.log)")
        }
        print("wrote \(mebibytes) MiB in \(ChaosTally.seconds(took))")
        fleet.lead(primary, [.server, .shipper])
        try wait("the shipper is back", seconds: 120) { fleet.status != nil }
    }

    /// A follower is away while the log grows.
    func catchUp(_ mebibytes: Int) throws {
        let follower = fleet.machines[1]
        follower.killAll()
        try grow(by: mebibytes)
        let before = fleet.status?.sequence ?? 0
        fleet.follow(follower)
        let took = try wait("the follower catches up") { fleet.isLevel(follower) }
        let seeds = fleet.status?.followers.reduce(0) { $0 + $1.seeds } ?? 0
        print(
            "catch-up: \(mebibytes) MiB of log (to sequence \(before)) in "
                + "\(ChaosTally.seconds(took)), \(Self.rate(mebibytes << 20, took)), "
                + (seeds == 0 ? "no seed" : "\(seeds) seeds"))
    }

    /// A follower has nothing, and may be killed when half of it has come.
    func seed(_ follower: Machine, isKilled: Bool) throws {
        let incoming = follower.data + ".incoming"
        let start = monotonicNow()
        fleet.follow(follower)
        var there = 0
        if isKilled {
            try wait("half of the seed comes") {
                there = DirectorySize.bytes(incoming)
                return there >= seedBytes / 2 || fleet.isLevel(follower)
            }
            follower.kill(.follower)
            there = DirectorySize.bytes(incoming)
        }
        var least = Int.max
        try wait("the follower is level after a seed") {
            let now = DirectorySize.bytes(incoming)
            if now > 0 { least = min(least, now) }
            return fleet.isLevel(follower)
        }
        let took = (monotonicNow() - start) / 1_000_000
        seedBytes = DirectorySize.bytes(follower.data)
        print(
            "re-seed\(isKilled ? ", killed once" : ""): \(filled) MiB in "
                + "\(ChaosTally.seconds(took)), \(Self.rate(filled << 20, took))"
                + (isKilled
                    ? "; \(there >> 20) MiB had come, of which it went on with "
                        + "\(min(least, there) >> 20) MiB" : ""))
    }

    private static func rate(_ bytes: Int, _ milliseconds: UInt64) -> String {
        let tenths = bytes / 100_000 * 1_000 / Int(max(1, milliseconds))
        return "\(tenths / 10).\(tenths % 10) MB/s"
    }
}
