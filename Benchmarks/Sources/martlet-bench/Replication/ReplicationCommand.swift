import ArgumentParser
import Foundation

/// What followers cost: the primary, the shipper and each follower are processes of their own.
struct ReplicationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replication",
        abstract: "Measures chat-append with none, one and two followers.",
        discussion: """
            For each number of followers and each durability in turn, on new directories: one \
            process appends messages as fast as it can, a `martlet shipper` beside it ships its \
            log over TLS on the loopback, and a `martlet follow` each takes it. Measured are the \
            appends, then the time until all followers have everything.
            """)

    @Option(help: "Numbers of followers, comma-separated.")
    var followers = "0,1,2"

    @Option(help: "written, synced and replicated (by one follower), comma-separated.")
    var durabilities = "written,synced,replicated"

    @Option(help: "Writer threads, comma-separated.")
    var writers = "1,64"

    @Option(help: "Seconds that are measured each time.")
    var seconds = 5.0

    @Option(help: "Runs of everything, in turns; the medians are reported.")
    var repetitions = 3

    @Option(help: "Users of the messages.")
    var users = 1_000_000

    @Option(help: "The store's whole memory budget, bytes.")
    var cache = 512 << 20

    @Option(help: "Seed of all data; repetition r uses seed + r.")
    var seed: UInt64 = 20_261_125

    @Option(help: "Where the stores are made, and removed again.")
    var data = "Benchmarks/data"

    @Option(help: "The script that makes certificates.")
    var certificates = "tools/certificates"

    @Option(help: "A file for all results, JSON.")
    var json: String?

    private var program: String {
        ProcessInfo.processInfo.environment["MARTLET"] ?? ".build/release/martlet"
    }

    /// What is measured, in its order.
    private var cases: [ReplicationCase] {
        get throws {
            var cases: [ReplicationCase] = []
            for writers in try numbers(writers) {
                for name in durabilities.split(separator: ",") {
                    guard let durability = ReplicationCase.Level(rawValue: String(name)) else {
                        throw ValidationError("Unknown durability: \(name)")
                    }
                    for followers in try numbers(followers)
                    where durability != .replicated || followers > 0 {
                        cases.append(
                            ReplicationCase(
                                followers: followers, durability: durability, writers: writers))
                    }
                }
            }
            return cases
        }
    }

    private func numbers(_ text: String) throws -> [Int] {
        try text.split(separator: ",").map { part in
            guard let number = Int(part), 0...64 ~= number else {
                throw ValidationError("Not a number from 0 to 64: \(part)")
            }
            return number
        }
    }

    func validate() throws {
        guard repetitions > 0, seconds > 0, users > 0 else {
            throw ValidationError("Sizes and repetitions must be positive.")
        }
        guard try cases.allSatisfy({ $0.writers > 0 }) else {
            throw ValidationError("There is at least one writer.")
        }
    }

    func run() throws {
        Machine.current().lines.forEach { print($0) }
        let root = URL(fileURLWithPath: data).path + "/replication-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        var results: [ReplicationResult] = []
        for repetition in 0..<repetitions {
            for asked in try cases {
                let result = try measure(asked, repetition, root)
                results.append(result)
                print("\(asked.name) #\(repetition + 1): \(Int(result.rate)) messages/s")
                fflush(nil)
            }
        }
        print("\n" + ReplicationTable.text(results))
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(results).write(to: URL(fileURLWithPath: json))
        }
    }

    private func measure(
        _ asked: ReplicationCase, _ repetition: Int, _ root: String
    ) throws -> ReplicationResult {
        let directory = root + "/stores"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let task = ReplicationTask(
            asked: asked, directory: directory, seconds: seconds, users: users, cacheBytes: cache,
            seed: seed + UInt64(repetition), martlet: URL(fileURLWithPath: program).path,
            certificates: URL(fileURLWithPath: certificates).path)
        let input = URL(fileURLWithPath: root + "/task.json")
        let output = URL(fileURLWithPath: root + "/result.json")
        try JSONEncoder().encode(task).write(to: input)
        sync()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = [
            "replication-step", "--task", input.path, "--result", output.path,
        ]
        try child.run()
        child.waitUntilExit()
        guard child.terminationReason == .exit, child.terminationStatus == 0 else {
            throw BenchError("\(asked.name) failed")
        }
        return try JSONDecoder().decode(ReplicationResult.self, from: Data(contentsOf: output))
    }
}

/// Runs one case in a process of its own, the primary's; started by `replication`.
struct ReplicationStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replication-step", shouldDisplay: false)

    @Option(help: "The task, JSON.")
    var task: String

    @Option(help: "Where the result goes, JSON.")
    var result: String

    func run() async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: task))
        let run = ReplicationRun(task: try JSONDecoder().decode(ReplicationTask.self, from: data))
        try JSONEncoder().encode(try await run.run()).write(to: URL(fileURLWithPath: result))
    }
}
