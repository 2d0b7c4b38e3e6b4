/// A memtable with what its owner must know to flush it.
///
/// `@unchecked Sendable`: `firstSegment`, `bornAt` and `charged` are written only by the applier of
/// commits, before the first entry is published, and read by others only once the buffer is frozen
/// or under the store's apply lock.
final class WriteBuffer: @unchecked Sendable {
    let memtable: Memtable
    /// The oldest log segment with an entry of this memtable; `nil` while it is empty.
    var firstSegment: UInt64?
    /// Monotonic nanoseconds of the first entry.
    var bornAt: UInt64 = 0

    private var charged = 0
    private let budget: MemoryBudget
    private let background: any BackgroundExecutor

    init(capacity: Int, budget: MemoryBudget, background: any BackgroundExecutor) {
        memtable = Memtable(capacity: capacity)
        self.budget = budget
        self.background = background
    }

    deinit { budget.release(charged) }

    /// Counts the memtable's bytes in the memory budget, in steps, and sees to its next pages.
    @inline(__always)
    func charge(_ used: Int) {
        if used > charged + Self.step {
            budget.reserve(used - charged)
            charged = used
            memtable.prepare(background)
        }
    }

    private static let step = 256 << 10

    var isEmpty: Bool { firstSegment == nil }
}

/// What a read of one tree looks at, immutable: it holds its memtables and tables alive.
final class TreeView: Sendable {
    let active: WriteBuffer
    /// Newest first.
    let frozen: [WriteBuffer]
    let version: TreeVersion

    init(active: WriteBuffer, frozen: [WriteBuffer], version: TreeVersion) {
        self.active = active
        self.frozen = frozen
        self.version = version
    }
}
