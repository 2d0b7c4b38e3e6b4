/// One family's tree: an active memtable, frozen ones on their way to disk, and levels of tables.
///
/// `@unchecked Sendable`: `view` is touched under `monitor`; `buffer` only under the store's apply
/// lock, which the applier of commits and `freeze`'s other callers hold.
final class Tree: @unchecked Sendable {
    let family: Family
    private let memtableSize: Int
    private let budget: MemoryBudget
    private let background: any BackgroundExecutor
    private let monitor = Monitor()
    private var view: TreeView
    /// Under the apply lock, and no two accesses overlap.
    @exclusivity(unchecked) private var buffer: WriteBuffer

    init(
        _ family: Family, memtableSize: Int, budget: MemoryBudget,
        background: any BackgroundExecutor, version: TreeVersion = TreeVersion()
    ) {
        self.family = family
        self.memtableSize = memtableSize
        self.budget = budget
        self.background = background
        buffer = WriteBuffer(
            capacity: Tree.capacity(memtableSize, holding: 0), budget: budget,
            background: background)
        view = TreeView(active: buffer, frozen: [], version: version)
    }

    /// Arena bytes: the limit plus room for the batch that crosses it.
    private static func capacity(_ memtableSize: Int, holding bytes: Int) -> Int {
        memtableSize + memtableSize / 4 + bytes + (64 << 10)
    }

    /// The view of this moment and the visible sequence at the same moment. Reading both under one
    /// lock is what makes a read without a snapshot right: garbage collection only ever drops what
    /// is dead at a sequence that was visible before its result got into a view (R8).
    func read(_ visible: () -> UInt64) -> (view: TreeView, sequence: UInt64) {
        monitor.withLock { (view, visible()) }
    }

    var currentView: TreeView { monitor.withLock { view } }

    /// Applies one mutation. Holds: the apply lock. Returns whether a memtable was frozen.
    @inline(__always)
    func apply(_ mutation: Mutation, loggedIn segment: UInt64, now: UInt64) -> Bool {
        let used = buffer.memtable.usedBytes
        buffer.charge(used)
        let freezes = used >= memtableSize
        if freezes { freeze(holding: 0) }
        if buffer.firstSegment == nil {
            buffer.firstSegment = segment
            buffer.bornAt = now
        }
        return insert(mutation) ? freezes : insertIntoFresh(mutation, segment, now)
    }

    /// The mutation did not fit: one more memtable, large enough for it.
    private func insertIntoFresh(_ mutation: Mutation, _ segment: UInt64, _ now: UInt64) -> Bool {
        var bytes = 0
        if case .cell(let cell) = mutation {
            bytes = 2 * (cell.row.count + cell.qualifier.count + cell.value.count) + (16 << 10)
        }
        freeze(holding: bytes)
        buffer.firstSegment = segment
        buffer.bornAt = now
        precondition(insert(mutation), "a fresh memtable has room for the mutation it is made for")
        return true
    }

    @inline(__always)
    private func insert(_ mutation: Mutation) -> Bool {
        switch mutation {
        case .cell(let cell):
            return buffer.memtable.insert(cell)
        case .range(let start, let end, let sequence):
            buffer.memtable.insert(
                RangeTombstone(start: Array(start), end: Array(end), sequence: sequence))
            return true
        }
    }

    /// Puts a fresh memtable in place of the active one, unless that is empty. Holds: the apply
    /// lock.
    @discardableResult
    func freeze(holding bytes: Int = 0) -> Bool {
        guard !buffer.isEmpty else { return false }
        let old = buffer
        buffer = WriteBuffer(
            capacity: Tree.capacity(memtableSize, holding: bytes), budget: budget,
            background: background)
        monitor.withLock {
            view = TreeView(active: buffer, frozen: [old] + view.frozen, version: view.version)
        }
        return true
    }

    /// The buffer of the next flush: the oldest frozen one.
    var oldestFrozen: WriteBuffer? { currentView.frozen.last }

    /// The oldest log segment that this tree still needs. Holds: the apply lock.
    var oldestSegment: UInt64? {
        let frozen = currentView.frozen.compactMap(\.firstSegment).min()
        return [frozen, buffer.firstSegment].compactMap { $0 }.min()
    }

    /// Whether the active memtable took its first entry more than `age` microseconds before `now`.
    /// Entries carry the time at which their commit asked for the lock, which may be later than a
    /// `now` that was read without it: such a memtable is young. Holds: the apply lock.
    func isOlder(than age: UInt64, at now: UInt64) -> Bool {
        guard !buffer.isEmpty, buffer.bornAt < now else { return false }
        return (now - buffer.bornAt) / 1_000 > age
    }

    /// The active memtable's bytes and entries, and the frozen ones'.
    var memtableBytes: Int {
        let view = currentView
        return view.frozen.reduce(view.active.memtable.usedBytes) { $0 + $1.memtable.usedBytes }
    }

    /// A flush has made `buffer` into `tables` (one, or none if all of it was garbage).
    func replace(_ flushed: WriteBuffer, with tables: [TableHandle]) {
        monitor.withLock {
            view = TreeView(
                active: view.active, frozen: view.frozen.filter { $0 !== flushed },
                version: view.version.replacing([], with: tables))
        }
    }

    /// A compaction has made `removed` into `added`.
    func replace(_ removed: [TableHandle], with added: [TableHandle]) {
        let numbers = Set(removed.map(\.metadata.number))
        monitor.withLock {
            view = TreeView(
                active: view.active, frozen: view.frozen,
                version: view.version.replacing(numbers, with: added))
        }
        for table in removed { table.markObsolete() }
    }
}
