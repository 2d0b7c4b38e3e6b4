/// Who compacts the backlog.
enum Compactor: String, CaseIterable, Codable, Sendable {
    /// Martlet, in the process that is measured.
    case inProcess = "in-process"
    /// `martlet compactd` on a core of its own; the process that is measured has the others.
    case daemon
    /// RocksDB, in the process that is measured.
    case rocksdb

    var engine: EngineName { self == .rocksdb ? .rocksdb : .martlet }
}

/// What one run is asked to do.
struct InterferenceTask: Codable, Sendable {
    var compactor: Compactor
    /// Whether the backlog is made now; else it is compacted and measured.
    var builds: Bool
    var directory: String
    var keys: Int
    var seconds: Double
    var putsPerSecond: Int
    var cacheBytes: Int
    var seed: UInt64
    /// The `martlet` program.
    var martlet: String
}

/// What readers and writers saw while the backlog was compacted.
struct InterferenceResult: Codable, Sendable {
    var compactor: Compactor
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    var readLatency: Latency?
    /// From the moment at which a put was due, so that a put which waits for another counts.
    var writeLatency: Latency?
    /// Seconds of puts beyond ten milliseconds each.
    var stallSeconds: Double = 0
    /// Seconds until the backlog was one sorted run.
    var mergedSeconds: Double = 0
    /// What was measured: as long as there was something to merge, or as was asked for at most.
    var seconds: Double = 0
    var rows: UInt64 = 0
    /// What `martlet compactd status` said in the end; empty without a daemon.
    var status = ""
}
