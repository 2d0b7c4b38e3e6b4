/// A memtable with what its owner must know to flush it.
///
/// `@unchecked Sendable`: `firstSegment` and `bornAt` are written only by the applier of commits,
/// before the first entry is published, and read by others only once the buffer is frozen or under
/// the store's apply lock.
final class WriteBuffer: @unchecked Sendable {
    let memtable: Memtable
    /// The oldest log segment with an entry of this memtable; `nil` while it is empty.
    var firstSegment: UInt64?
    /// Monotonic nanoseconds of the first entry.
    var bornAt: UInt64 = 0

    init(capacity: Int) {
        memtable = Memtable(capacity: capacity)
    }

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
