import ArgumentParser
import Foundation

/// What compactions do to readers and writers: in the process, by a daemon, by RocksDB.
struct InterferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compaction-interference",
        abstract: "Measures reads and writes while a backlog is compacted.",
        discussion: """
            For each compactor in turn: a backlog is written with compactions off, the store is \
            opened with compactions on, and while they run one thread reads single keys as fast as \
            it can and one puts at a fixed rate. The daemon has the last core by taskset, the \
            measured process the others; without a daemon it has all.
            """)

    @Option(help: "Compactors in the order of their turns: in-process, daemon, rocksdb.")
    var compactors = "in-process,daemon,rocksdb"

    @Option(help: "Runs of everything; the medians are reported.")
    var repetitions = 3

    @Option(help: "Keys written into the backlog, with replacement.")
    var keys = 8_000_000

    @Option(help: "Seconds that are measured.")
    var seconds = 20.0

    @Option(help: "Puts in a second meanwhile.")
    var puts = 2_000

    @Option(help: "RocksDB's block cache and Martlet's whole memory budget, bytes.")
    var cache = 512 << 20

    @Option(help: "Seed of all data; repetition r uses seed + r.")
    var seed: UInt64 = 20_261_124

    @Option(help: "Where the stores are made, and removed again.")
    var data = "Benchmarks/data"

    @Option(help: "A file for all results, JSON.")
    var json: String?

    private var program: String {
        ProcessInfo.processInfo.environment["MARTLET"] ?? ".build/release/martlet"
    }

    private var order: [Compactor] {
        get throws {
            try compactors.split(separator: ",").map { name in
                guard let compactor = Compactor(rawValue: String(name)) else {
                    throw ValidationError("Unknown compactor: \(name)")
                }
                return compactor
            }
        }
    }

    func validate() throws {
        guard repetitions > 0, keys > 0, seconds > 0, puts > 0 else {
            throw ValidationError("Sizes and repetitions must be positive.")
        }
        _ = try order
    }

    func run() throws {
        Machine.current().lines.forEach { print($0) }
        RocksDBLibrary.loaded().lines.forEach { print($0) }
        let root = data + "/interference-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        var results: [InterferenceResult] = []
        for repetition in 0..<repetitions {
            for compactor in try order {
                let result = try measure(compactor, repetition, root)
                results.append(result)
                print("\(compactor.rawValue) #\(repetition + 1): \(result.reads) reads")
                if !result.status.isEmpty { print("  \(result.status)") }
                fflush(nil)
            }
        }
        print("\n" + InterferenceTable.text(results))
        if let json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(results).write(to: URL(fileURLWithPath: json))
        }
    }

    private func measure(
        _ compactor: Compactor, _ repetition: Int, _ root: String
    ) throws -> InterferenceResult {
        let directory = root + "/store"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var task = InterferenceTask(
            compactor: compactor, builds: true, directory: directory, keys: keys,
            seconds: seconds, putsPerSecond: puts, cacheBytes: cache,
            seed: seed + UInt64(repetition), martlet: program)
        _ = try runChild(task, root)
        task.builds = false
        return try runChild(task, root)
    }

    /// Re-executes this program, on all cores but the last where a daemon has that one.
    private func runChild(_ task: InterferenceTask, _ root: String) throws -> InterferenceResult {
        let input = URL(fileURLWithPath: root + "/task.json")
        let output = URL(fileURLWithPath: root + "/result.json")
        try JSONEncoder().encode(task).write(to: input)
        sync()
        let child = Process()
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let last = sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1
        let cores = task.compactor == .daemon && last > 0 ? "0-\(last - 1)" : "0-\(last)"
        child.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
        child.arguments = [
            "-c", cores, own, "interference-step", "--task", input.path, "--result", output.path,
        ]
        try child.run()
        child.waitUntilExit()
        guard child.terminationReason == .exit, child.terminationStatus == 0 else {
            throw BenchError("\(task.compactor.rawValue) failed")
        }
        return try JSONDecoder().decode(InterferenceResult.self, from: Data(contentsOf: output))
    }
}

/// Runs one task in a process of its own; started by `compaction-interference`.
struct InterferenceStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interference-step", shouldDisplay: false)

    @Option(help: "The task, JSON.")
    var task: String

    @Option(help: "Where the result goes, JSON.")
    var result: String

    func run() async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: task))
        let run = InterferenceRun(task: try JSONDecoder().decode(InterferenceTask.self, from: data))
        let measured = try await run.run()
        try JSONEncoder().encode(measured).write(to: URL(fileURLWithPath: result))
    }
}
