import ArgumentParser
import Foundation

/// The storage workloads.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Measures the storage engines.")

    @Option(help: "Engines, comma-separated, in the order of their turns.")
    var engines = "martlet,rocksdb"

    @Option(help: "Workloads, comma-separated; those whose data they read run with them.")
    var workloads = "chat-append,chat-recent,fillrandom,readrandom,scan"

    @Option(help: "Durabilities of chat-append, comma-separated: written, synced.")
    var durability = "written,synced"

    @Option(help: "Writer threads of synced chat-append, comma-separated.")
    var writers = "1,8,64"

    @Option(help: "Messages of chat-append at written; two rows each.")
    var messages = 2_000_000

    @Option(help: "Users of the chat workloads.")
    var users = 1_000_000

    @Option(help: "Reads of chat-recent.")
    var recentReads = 300_000

    @Option(help: "Keys drawn by fillrandom, with replacement.")
    var keys = 5_000_000

    @Option(help: "Reads of readrandom.")
    var pointReads = 1_000_000

    @Option(help: "Seconds of each synced chat-append.")
    var syncedSeconds = 4.0

    @Option(help: "A directory of chat logs ([HH:MM] <nick> text) to take the texts from.")
    var corpus: String?

    @OptionGroup var options: RunOptions
    @OptionGroup var engine: EngineOptions

    func validate() throws {
        guard messages > 0, users > 1, keys > 0, syncedSeconds > 0 else {
            throw ValidationError("Sizes must be positive.")
        }
        _ = try (engineNames, groups)
    }

    func run() throws {
        var report = Report(
            machine: .current(), rocksdb: .loaded(), options: [:], sizes: sizes, results: [])
        for engine in try engineNames { report.options[engine.rawValue] = engine.optionLines }
        printHead(report)
        try engine.withDirectory("store") { root in
            for repetition in 0..<(options.repetitions ?? 3) {
                for group in try groups {
                    for engine in try engineNames {
                        report.results += try measure(group, of: engine, repetition, in: root)
                    }
                }
            }
        }
        report.results.sort { order($0) < order($1) }
        report.findDisagreements()
        print("\n" + report.table)
        try options.keep(report)
        guard report.disagreements.isEmpty else {
            throw BenchError("THE ENGINES DISAGREE: \(report.disagreements)")
        }
        print("rows and checksums agree between the engines wherever the same work was done")
    }

    private func printHead(_ report: Report) {
        report.machine.lines.forEach { print($0) }
        report.rocksdb.lines.forEach { print($0) }
        for (engine, lines) in report.options.sorted(by: { $0.key < $1.key }) {
            print("\(engine):")
            lines.forEach { print("  \($0)") }
        }
        fflush(nil)
    }

    // MARK: what to run

    private var sizes: Sizes {
        Sizes(
            users: users, messages: messages, recentReads: recentReads, keys: keys,
            pointReads: pointReads, syncedSeconds: syncedSeconds, seed: options.seed,
            cacheBytes: engine.cache, corpus: corpus)
    }

    private var engineNames: [EngineName] {
        get throws { try values(engines, EngineName.init(rawValue:)) }
    }

    /// Steps that share a store, in order; each group begins with an empty directory.
    private var groups: [[Step]] {
        get throws {
            let asked = try values(workloads, Workload.init(rawValue:))
            let durabilities = try values(durability) {
                ["written", "synced"].contains($0) ? $0 : nil
            }
            var groups: [[Step]] = []
            for source in Workload.allCases where source.source == nil {
                let readers = Workload.allCases.filter { $0.source == source && asked.contains($0) }
                let alone = asked.contains(source)
                let written = source != .chatAppend || durabilities.contains("written")
                if !readers.isEmpty || (alone && written) {
                    groups.append(
                        ([source] + readers).map { Step(workload: $0, synced: false, writers: 1) })
                }
                if source == .chatAppend, alone, durabilities.contains("synced") {
                    for count in try values(writers, { Int($0) }) where count > 0 {
                        groups.append([Step(workload: source, synced: true, writers: count)])
                    }
                }
            }
            return groups
        }
    }

    /// Groups the results by step as first run, then engine, then repetition.
    private func order(_ result: StepResult) -> String {
        let workload = Workload.allCases.firstIndex(of: result.step.workload) ?? 0
        let step = String(
            format: "%02d %d %06d", workload, result.step.synced ? 1 : 0, result.step.writers)
        return "\(step) \(result.engine.rawValue) \(result.repetition)"
    }

    // MARK: children

    private func measure(
        _ group: [Step], of engine: EngineName, _ repetition: Int, in root: String
    ) throws -> [StepResult] {
        let directory = root + "/\(engine.rawValue)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try group.map { step in
            let assignment = Assignment(
                engine: engine, step: step, sizes: sizes, repetition: repetition,
                directory: directory)
            let child = StepProcess(
                verb: "step", name: "\(step.name) of \(engine.rawValue)", root: root)
            let result: StepResult = try child.run(assignment)
            let rate = String(format: "%.0f", result.rate)
            print("\(step.name) \(engine.rawValue) #\(repetition + 1): \(rate)/s")
            fflush(nil)
            return result
        }
    }
}
