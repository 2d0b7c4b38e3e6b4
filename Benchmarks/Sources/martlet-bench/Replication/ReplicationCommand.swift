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

    @Option(help: "Users of the messages.")
    var users = 1_000_000

    @Option(help: "The script that makes certificates.")
    var certificates = "tools/certificates"

    @OptionGroup var options: RunOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var program: ProgramOptions

    /// What is measured, in its order.
    private var cases: [ReplicationCase] {
        get throws {
            let levels = try values(durabilities, ReplicationCase.Level.init(rawValue:))
            let counts = try values(followers) { Int($0).flatMap { 0...5 ~= $0 ? $0 : nil } }
            var cases: [ReplicationCase] = []
            for writers in try values(writers, { Int($0).flatMap { 1...64 ~= $0 ? $0 : nil } }) {
                for level in levels {
                    for count in counts where level != .replicated || count > 0 {
                        cases.append(
                            ReplicationCase(followers: count, durability: level, writers: writers))
                    }
                }
            }
            return cases
        }
    }

    func validate() throws {
        guard seconds > 0, users > 1 else { throw ValidationError("Sizes must be positive.") }
        _ = try cases
    }

    func run() throws {
        Machine.current().lines.forEach { print($0) }
        var results: [ReplicationResult] = []
        try engine.withDirectory("replication") { root in
            for repetition in 0..<(options.repetitions ?? 3) {
                for asked in try cases {
                    let result = try measure(asked, repetition, root)
                    results.append(result)
                    print("\(asked.name) #\(repetition + 1): \(Int(result.rate)) messages/s")
                    fflush(nil)
                }
            }
        }
        print("\n" + ReplicationTable.text(results))
        try options.keep(results)
    }

    private func measure(
        _ asked: ReplicationCase, _ repetition: Int, _ root: String
    ) throws -> ReplicationResult {
        let directory = root + "/stores"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let task = ReplicationTask(
            asked: asked, directory: directory, seconds: seconds, users: users,
            cacheBytes: engine.cache, seed: options.seed + UInt64(repetition),
            martlet: try program.path, certificates: URL(fileURLWithPath: certificates).path)
        return try StepProcess(verb: "replication-step", name: asked.name, root: root).run(task)
    }
}

/// Runs one case in a process of its own, the primary's; started by `replication`.
struct ReplicationStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replication-step", shouldDisplay: false)

    @OptionGroup var step: StepArguments

    func run() async throws {
        try step.write(try await ReplicationRun(task: try step.read()).run())
    }
}
