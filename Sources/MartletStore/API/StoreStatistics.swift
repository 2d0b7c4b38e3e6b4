/// Numbers about a store, as of the call that gave them.
public struct StoreStatistics: Sendable, Hashable {
    /// Files and bytes of one level of one family.
    public struct Level: Sendable, Hashable {
        /// The family's tree number.
        public var family: UInt32
        /// 0 for freshly flushed tables.
        public var level: Int
        /// Table files.
        public var files: Int
        /// Their bytes on disk.
        public var bytes: UInt64
    }

    /// Non-empty levels, by family and level.
    public var levels: [Level] = []
    /// Bytes in memtables.
    public var memtableBytes = 0
    /// Bytes in the block cache.
    public var cacheBytes = 0
    /// Blocks found in the cache.
    public var cacheHits: UInt64 = 0
    /// Blocks read from disk.
    public var cacheMisses: UInt64 = 0
    /// Bytes of live log segments.
    public var logBytes: UInt64 = 0
    /// Bytes of log segments that are kept for followers only.
    public var logRetainedBytes: UInt64 = 0
    /// Bytes written to the log since opening.
    public var logBytesWritten: UInt64 = 0
    /// Syncs of the log since opening.
    public var logSyncs: UInt64 = 0
    /// Bytes written by flushes since opening.
    public var flushBytesWritten: UInt64 = 0
    /// Bytes written by compactions since opening.
    public var compactionBytesWritten: UInt64 = 0
    /// Microseconds that writers were held back since opening.
    public var stallMicroseconds: UInt64 = 0
    /// Commits that are logged and wait for followers, or behind such ones.
    public var waitingCommits = 0
    /// Their bytes.
    public var waitingBytes = 0
    /// Callers that were told that it takes too long, since opening.
    public var replicationTimeouts = 0
    /// The last sequence that reads can see.
    public var visibleSequence: UInt64 = 0
}
