import ArgumentParser
import Foundation

/// The chat workloads.
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Measures chat servers, one after the other.")

    @Option(help: "Servers in the order of their turns, comma-separated; also martlet-poll.")
    var servers = "martlet,mosquitto,ejabberd,ejabberd+postgres"

    @Option(help: "Workloads: pairs, groups, history, cold, storm, presence, idle, fleet, day.")
    var workloads = "pairs,idle"

    @Option(help: "Messages per second of pairs and groups, comma-separated.")
    var rates = "200,1000,5000"

    @Option(help: "Users of pairs, groups, history and cold.")
    var users = 200

    @Option(help: "Bytes of a message.")
    var payload = 100

    @Option(help: "Seconds measured at each rate.")
    var seconds = 10.0

    @Option(help: "Seconds before them.")
    var warmUp = 2.0

    @Option(help: "Messages that are stored before history and cold.")
    var fillMessages = 40_000

    @Option(help: "Pages per second of history.")
    var requestRate = 1000.0

    @Option(help: "Logins per second of cold.")
    var loginRate = 200.0

    @Option(help: "Connections of idle, storm, presence and fleet.")
    var connections = 15_000

    @Option(help: "Users whom each connection of presence watches.")
    var watched = 20

    @Option(help: "Nodes of fleet: a server, and followers that serve reads.")
    var nodes = 3

    @Option(help: "Seconds that idle connections are watched; two rounds of pings are 50.")
    var idleSeconds = 50.0

    @Option(help: "How the server goes down in storm: kill or term.")
    var stormEnd = "kill"

    @Option(help: "Messages per second before, during and after the storm.")
    var stormRate = 200.0

    @Option(help: "Users of day, each with a connection.")
    var dayUsers = 10_000

    @Option(help: "How much busier than the day's mean the measured minute is.")
    var dayPeak = 5.0

    @Option(help: "Seconds of day.")
    var daySeconds = 60.0

    @Option(help: "Runs of everything, in turns.")
    var repetitions = 1

    @Option(help: "The server's binary; or the environment's MARTLET.")
    var martlet: String?

    @Option(help: "The script peers/install-chat; or the environment's MARTLET_PEERS.")
    var peers: String?

    @Option(help: "Seed of everything random.")
    var seed: UInt64 = 20_261_123

    @Option(help: "A file for all results, JSON.")
    var json: String?

    func run() throws {
        var report = ChatReport(machine: .current())
        report.machine.lines.forEach { print($0) }
        let root = NSTemporaryDirectory() + "martlet-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        for _ in 0..<repetitions {
            for workload in try asked { report.results += try run(workload, in: root) }
        }
        print("\n" + report.text)
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(report).write(to: URL(fileURLWithPath: json))
        }
    }

    private var asked: [Workload] {
        get throws {
            try workloads.split(separator: ",").map { name in
                guard let workload = Workload(rawValue: String(name)) else {
                    throw ValidationError("Unknown workload: \(name)")
                }
                return workload
            }
        }
    }

    private func run(_ workload: Workload, in root: String) throws -> [ChatResult] {
        var results: [ChatResult] = []
        let rates = rates.split(separator: ",").compactMap { Double($0) }
        for rate in workload.hasRates ? rates : [0] {
            for name in servers.split(separator: ",").map(String.init)
            where workload.suits(name) {
                results += try serving(name, workload, in: root) {
                    try measure(workload, $0, rate: rate)
                }
            }
        }
        return results
    }

    /// Starts a server with nothing in it, measures, and stops it.
    private func serving(
        _ name: String, _ workload: Workload, in root: String,
        _ body: (Contender) throws -> [ChatResult]
    ) throws -> [ChatResult] {
        let directory = root + "/\(name)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try contender(name, workload, directory)
        defer { server.stop() }
        try server.start(users: accounts(workload))
        let results = try body(server)
        print(ChatReport(machine: .current(), results: results).text)
        fflush(nil)
        return results
    }

    private func contender(
        _ name: String, _ workload: Workload, _ directory: String
    ) throws -> Contender {
        if name == "martlet" || name == "martlet-poll" {
            guard let binary = martlet ?? ProcessInfo.processInfo.environment["MARTLET"] else {
                throw ValidationError("--martlet or MARTLET must name the server's binary")
            }
            if workload == .fleet {
                return MartletFleet(
                    binary: binary, directory: directory,
                    firstPort: try Port.free(count: UInt16(nodes + 1)), nodes: nodes, seed: seed)
            }
            return Martlet(
                binary: binary, directory: directory, port: try Port.free(count: 2), seed: seed,
                polls: name == "martlet-poll")
        }
        let firstPort = try Port.free(count: 4)
        try prepare(directory, firstPort)
        switch name {
        case "mosquitto": return Mosquitto(directory: directory, firstPort: firstPort)
        case "ejabberd", "ejabberd+postgres":
            return Ejabberd(
                directory: directory, firstPort: firstPort, archives: name != "ejabberd")
        default: throw ValidationError("Unknown server: \(name)")
        }
    }

    /// Has the peers installed, and their settings and an empty database made.
    private func prepare(_ directory: String, _ firstPort: UInt16) throws {
        guard let script = peers ?? ProcessInfo.processInfo.environment["MARTLET_PEERS"] else {
            throw ValidationError("--peers or MARTLET_PEERS must name peers/install-chat")
        }
        let process = try ServerProcess(
            script, [directory, String(firstPort)], environment: [:],
            log: directory + "/install.log")
        guard process.status == 0 else {
            throw BenchError("\(script) failed:\n\(process.output.suffix(2000))")
        }
    }
}
