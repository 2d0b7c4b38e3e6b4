/// What opening a store found in its log.
public struct RecoveryReport: Sendable, Hashable {
    /// Batches replayed into memory.
    public var batches = 0
    /// Log segments read.
    public var segments = 0
    /// Bytes at the log's end that were not whole: written, but never acknowledged as synced.
    public var cutBytes: UInt64 = 0
    /// The file and offset of the cut, if there was one.
    public var cutPlace: String?
    /// Table files that nothing referred to, removed.
    public var orphansRemoved = 0
    /// Whether the store had been closed properly.
    public var wasClosed = false

    /// What an empty store reports.
    public init() {}
}
