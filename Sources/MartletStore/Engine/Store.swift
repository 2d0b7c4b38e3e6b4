import Synchronization

/// A wide-column store in one directory: tables of rows of cells, ordered by row.
///
/// One process at a time may have it open; within it, every call may come from any thread. Reads
/// and writes block the calling thread, so neither belongs on an event loop or in a Swift task:
/// `submit` is for those.
///
/// Model and names: Chang et al., "Bigtable" (OSDI 2006), and Apache HBase. Engine: a
/// log-structured merge tree per family (O'Neil et al., 1996); docs/ARCHITECTURE.md tells how the
/// rooms fit.
///
/// `@unchecked Sendable`: `catalog` is touched under `catalogMonitor`; `state`'s fields under
/// `monitor`; manifest, file numbers and `logIsPinned` under `manifestMonitor`; the rest is
/// immutable after `open` or of types that guard themselves.
public final class Store: @unchecked Sendable {
    /// Where the store lives.
    public let directory: String
    /// How it was opened.
    public let options: StoreOptions
    /// Random, given at the store's making.
    package let id: StoreID
    /// What recovery found in the log.
    public let recovery: RecoveryReport

    let environment: Environment
    let budget: MemoryBudget
    let cache: BlockCache
    let files: TableFiles
    let snapshots = SnapshotRegistry()
    /// Where compaction daemons are given work.
    package let desk: CompactionDesk
    private let visible: Atomic<UInt64>
    let applyLock = Monitor()
    let catalogMonitor = Monitor()
    var catalog: Catalog
    let manifestMonitor = Monitor()
    let manifest: Manifest
    /// No log segment is given up while this is set: a checkpoint copies them.
    var logIsPinned = false
    let monitor: Monitor
    var state = StoreState()
    let throttle: WriteThrottle
    let debt = StoreDebt()
    let standing: StoreStanding
    /// Followers' positions, and who is told where the log ends.
    package let replication = ReplicationGate()
    /// Held while a follower's log is written, and while the role changes: one at a time.
    let shipping = Monitor()
    let log: LogWriter?
    var pipeline: CommitPipeline?
    private var lock: (any FileLock)?

    init(_ opened: OpenedStore) {
        directory = opened.directory
        options = opened.options
        environment = opened.environment
        standing = StoreStanding(opened.manifest.state)
        recovery = opened.recovery
        budget = opened.budget
        cache = opened.cache
        files = opened.files
        catalog = opened.catalog
        manifest = opened.manifest
        visible = Atomic(opened.lastSequence)
        monitor = Monitor(executor: opened.environment.background)
        id = opened.manifest.state.storeID
        desk = CompactionDesk(
            settings: JobBoard.Settings(
                lease: opened.options.daemonLease * 1_000,
                patience: opened.options.daemonPatience * 1_000),
            environment: opened.environment)
        throttle = WriteThrottle(frozenHard: opened.options.frozenMemtablesMax)
        log = opened.log
        lock = opened.lock
    }

    deinit {
        // A store that was not closed is left as a crash would leave it, but its thread must end.
        if environment.background.hasThreads { pipeline?.stop() }
    }

    /// The tables, in the order of their creation.
    public var tables: [Table] { currentCatalog.tables }

    /// The table called `name`. Throws `.notFound`.
    public func table(_ name: String) throws(StoreError) -> Table {
        try currentCatalog.table(name)
    }

    /// Why the store takes no writes any more; `nil` while it does. A full disk is not among the
    /// reasons: it heals.
    public var failure: StoreError? { monitor.withLock { state.poison } }

    /// A snapshot of this moment.
    public func snapshot() -> Snapshot {
        snapshots.take { visibleSequence }
    }

    /// The last sequence that reads see. Any thread.
    public var visibleSequence: UInt64 { visible.load(ordering: .acquiring) }

    /// Everything up to `sequence` may be read now. Holds: the apply lock.
    func makeVisible(_ sequence: UInt64) {
        visible.store(sequence, ordering: .releasing)
    }

    func releaseLock() {
        monitor.withLock { lock = nil }
    }

    var currentCatalog: Catalog { catalogMonitor.withLock { catalog } }
}

/// What `Store.open` has put together.
struct OpenedStore {
    var directory: String
    var options: StoreOptions
    var environment: Environment
    var budget: MemoryBudget
    var cache: BlockCache
    var files: TableFiles
    var manifest: Manifest
    var catalog: Catalog
    var lock: (any FileLock)?
    var log: LogWriter?
    var lastSequence: UInt64 = 0
    var lastTimestamp: UInt64 = 0
    var recovery = RecoveryReport()
}

/// The store's changing state, under `Store.monitor`.
struct StoreState {
    var isClosed = false
    /// The first error that made the log or manifest untrustworthy.
    var poison: StoreError?
    /// The last failure of a flush or compaction; cleared when one succeeds.
    var backgroundFailure: StoreError?
    var flushIsScheduled = false
    var compactionIsScheduled = false
    /// One checkpoint at a time.
    var checkpointIsUnderWay = false
    /// Compactions wait while this is positive.
    var compactionPauses = 0
    /// Bytes written since the free space was last looked at; start by looking.
    var bytesSinceSpaceCheck = Int.max / 2
    var hasNoSpace = false
    var stallMicroseconds: UInt64 = 0
    var flushBytes: UInt64 = 0
    var compactionBytes: UInt64 = 0
}

/// How far maintenance lags behind, for the throttle: read by every commit without a lock.
final class StoreDebt: Sendable {
    private let frozen = Atomic<Int>(0)
    private let levelZero = Atomic<Int>(0)

    /// The most frozen memtables of a tree.
    var frozenMemtables: Int { frozen.load(ordering: .relaxed) }
    /// The most level-0 tables of a tree.
    var levelZeroFiles: Int { levelZero.load(ordering: .relaxed) }

    func set(frozenMemtables: Int, levelZeroFiles: Int) {
        frozen.store(frozenMemtables, ordering: .relaxed)
        levelZero.store(levelZeroFiles, ordering: .relaxed)
    }
}
