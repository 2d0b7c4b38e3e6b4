/// How a store is opened. The defaults suit a server with some hundred MiB to spare.
public struct StoreOptions: Sendable {
    /// Bytes for memtables, block cache, indexes and filters together.
    public var memoryBudget = 512 << 20
    /// Bytes at which a memtable is frozen and flushed.
    public var memtableSize = 64 << 20
    /// Bytes of a log segment; segments are preallocated and reused.
    public var logSegmentSize = 16 << 20
    /// Bytes of log at which the memtable that pins the oldest segment is flushed.
    public var logBytesMax = 512 << 20
    /// Microseconds after its first write at which a memtable is flushed.
    public var flushAge: UInt64 = 3_600_000_000
    /// Bytes at which a compaction starts its next output file.
    public var tableFileSize = 64 << 20
    /// Tables in level 0 at which a compaction is due.
    public var levelZeroFiles = 4
    /// Bytes of the first level below level 0; each further one is ten times larger.
    public var levelBase = 256 << 20
    /// Frozen memtables of one family at which writers wait.
    public var frozenMemtablesMax = 4
    /// Bytes that must stay free on the disk; below it, writes are refused with `.noSpace`.
    public var diskReserve: UInt64 = 64 << 20
    /// Microseconds after which a blocking write that waits for followers throws `.indefinite`; it
    /// goes on all the same.
    public var replicationTimeout: UInt64 = 5_000_000
    /// Bytes of log that are kept for followers that are behind, beyond what the store needs.
    public var logRetainedBytes: UInt64 = 0
    /// Read every block of a compaction's output back before it is used.
    public var verifiesOutputs = false
    /// Open without the lock and without writing anything; sees what is on disk now.
    public var readOnly = false
    /// Create the store where there is none.
    public var createIfMissing = true
    /// Start compactions when they are due; off, only `compact()` compacts.
    public var compactsAutomatically = true
    /// Microseconds for which a compaction daemon may be silent before its work is given to others.
    public var daemonLease: UInt64 = 10_000_000
    /// Microseconds after which the store itself runs what no daemon claims.
    public var daemonPatience: UInt64 = 2_000_000

    /// The defaults.
    public init() {}
}
