import ArgumentParser
import Foundation

/// What compactions do to readers and writers: in the process, by a daemon, by RocksDB.
struct InterferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interference",
        abstract: "Measures reads and writes while a backlog is compacted.",
        discussion: """
            For each compactor in turn: a backlog is written with compactions off, the store is \
            opened again, and while all of it is merged into one sorted run one thread reads \
            single keys as fast as it can and one puts at a fixed rate. The daemon has the last \
            core by taskset, the measured process the others; without a daemon it has all.
            """, aliases: ["compaction-interference"])

    @Option(help: "Compactors in the order of their turns: in-process, daemon, rocksdb.")
    var compactors = "in-process,daemon,rocksdb"

    @Option(help: "Keys written into the backlog, with replacement.")
    var keys = 8_000_000

    @Option(help: "Seconds that are measured at most; a merge that ends before ends it.")
    var seconds = 120.0

    @Option(help: "Puts in a second meanwhile.")
    var puts = 2_000

    @OptionGroup var options: RunOptions
    @OptionGroup var engine: EngineOptions
    @OptionGroup var program: ProgramOptions

    private var order: [Compactor] {
        get throws {
            try values(compactors, Compactor.init(rawValue:))
        }
    }

    func validate() throws {
        guard keys > 0, seconds > 0, puts > 0 else {
            throw ValidationError("Sizes must be positive.")
        }
        _ = try order
    }

    func run() throws {
        Machine.current().lines.forEach { print($0) }
        RocksDBLibrary.loaded().lines.forEach { print($0) }
        var results: [InterferenceResult] = []
        try engine.withDirectory("interference") { root in
            for repetition in 0..<(options.repetitions ?? 3) {
                for compactor in try order {
                    let result = try measure(compactor, repetition, root)
                    results.append(result)
                    print("\(compactor.rawValue) #\(repetition + 1): \(result.reads) reads")
                    if !result.status.isEmpty { print("  \(result.status)") }
                    fflush(nil)
                }
            }
        }
        print("\n" + InterferenceTable.text(results))
        try options.keep(results)
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
            seconds: seconds, putsPerSecond: puts, cacheBytes: engine.cache,
            seed: options.seed + UInt64(repetition), martlet: try program.path)
        let last = sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1
        let child = StepProcess(
            verb: "interference-step", name: compactor.rawValue, root: root,
            cores: compactor == .daemon && last > 0 ? "0-\(last - 1)" : "0-\(last)")
        let _: InterferenceResult = try child.run(task)
        task.builds = false
        return try child.run(task)
    }
}

/// Runs one task in a process of its own; started by `interference`.
struct InterferenceStepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interference-step", shouldDisplay: false)

    @OptionGroup var step: StepArguments

    func run() async throws {
        try step.write(try await InterferenceRun(task: try step.read()).run())
    }
}
