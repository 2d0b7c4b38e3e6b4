/// The workloads, and how they hang together.
enum Workload: String, CaseIterable, Codable, Sendable {
    /// A message = two rows in one batch; one writer at `written`, several at `synced`.
    case chatAppend = "chat-append"
    /// The last 15 rows of a conversation, on the store as chat-append left it.
    case chatRecent = "chat-recent"
    /// Single puts of 16-byte keys drawn with replacement, 100-byte values.
    case fillRandom = "fillrandom"
    /// Single gets on the store as fillrandom left it.
    case readRandom = "readrandom"
    /// All rows in order, on the store as fillrandom left it; the block cache is empty.
    case scan

    /// The workload whose store this one reads, if any.
    var source: Workload? {
        switch self {
        case .chatAppend, .fillRandom: nil
        case .chatRecent: .chatAppend
        case .readRandom, .scan: .fillRandom
        }
    }

    /// Whether rows carry the 16-byte conversation prefix.
    var isChat: Bool { self == .chatAppend || self == .chatRecent }
}

/// One thing to measure: runs in a process of its own.
struct Step: Codable, Hashable, Sendable {
    var workload: Workload
    var synced: Bool
    var writers: Int

    /// The name in tables and files.
    var name: String {
        workload == .chatAppend
            ? "\(workload.rawValue) \(synced ? "synced" : "written") x\(writers)"
            : workload.rawValue
    }
}

/// Sizes and seeds, the same for every engine.
struct Sizes: Codable, Sendable {
    var users: Int
    var messages: Int
    var recentReads: Int
    var keys: Int
    var pointReads: Int
    var syncedSeconds: Double
    var seed: UInt64
    var cacheBytes: Int
    var corpus: String?
}

/// What one step is asked to do; handed to the child process as JSON.
struct Assignment: Codable, Sendable {
    var engine: EngineName
    var step: Step
    var sizes: Sizes
    var repetition: Int
    var directory: String
}

/// The engines under measurement.
enum EngineName: String, CaseIterable, Codable, Sendable {
    case martlet
    case rocksdb

    /// Opens a store.
    func open(_ settings: EngineSettings) throws -> any StorageEngine {
        switch self {
        case .martlet: try MartletEngine(settings)
        case .rocksdb: try RocksDBEngine(settings)
        }
    }

    /// The options used, for the report.
    var optionLines: [String] {
        switch self {
        case .martlet: MartletEngine.optionLines
        case .rocksdb: RocksDBEngine.optionLines
        }
    }
}
