import ArgumentParser
import Foundation

/// What every measurement takes.
struct RunOptions: ParsableArguments {
    @Option(help: "Runs of everything, in turns; if not said, 3 of stores and 1 of chat servers.")
    var repetitions: Int?

    @Option(help: "Seed of everything random; repetition r of a store uses seed + r.")
    var seed: UInt64 = 20_261_123

    @Option(help: "A file for all results, JSON.")
    var json: String?

    func validate() throws {
        guard repetitions ?? 1 > 0 else {
            throw ValidationError("There is at least one repetition.")
        }
    }

    /// Writes the file of results, if one is wanted.
    func keep(_ results: some Encodable) throws {
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(results).write(to: URL(fileURLWithPath: json))
        print("results: \(json)")
    }
}

/// What measurements of stores in a process of their own take besides.
struct EngineOptions: ParsableArguments {
    @Option(help: "RocksDB's block cache and Martlet's whole memory budget, bytes.")
    var cache = 512 << 20

    @Option(help: "Where the stores are made, and removed again.")
    var data = "Benchmarks/data"

    /// Has a directory of this run's own while `body` runs; `body` gets its absolute path.
    func withDirectory(_ name: String, _ body: (String) throws -> Void) throws {
        let root = URL(fileURLWithPath: data).path + "/\(name)-\(getpid())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try body(root)
    }
}

/// What measurements take that start the program itself.
struct ProgramOptions: ParsableArguments {
    @Option(help: "The martlet program; or the environment's MARTLET.")
    var martlet: String?

    /// The absolute path of the program.
    var path: String {
        get throws {
            guard let named = martlet ?? ProcessInfo.processInfo.environment["MARTLET"] else {
                throw ValidationError("--martlet or MARTLET must name the martlet program")
            }
            return URL(fileURLWithPath: named).path
        }
    }
}

/// The values of a comma-separated option.
func values<T>(_ text: String, _ parse: (String) throws -> T?) throws -> [T] {
    try text.split(separator: ",").map { part in
        guard let value = try parse(String(part)) else {
            throw ValidationError("Unknown value: \(part)")
        }
        return value
    }
}
