import Synchronization

/// The newest cells of one tree, in order, in memory: an arena B+-tree.
///
/// One thread at a time inserts (the commit leader); any number read, without waiting and without
/// ever making the writer wait.
///
/// `@unchecked Sendable`: `tree` is used by the one writer only; what readers touch of it (through
/// `MemtableCursor`) lies at fixed addresses in the arena until `deinit`, is written before it is
/// published by a store-release, and is read after a load-acquire; the proof that this is enough is
/// in `MemtableTree`. Counters are atomic. `tombstones` is guarded by `monitor`.
package final class Memtable: @unchecked Sendable {
    /// One thread at a time inserts, and nothing in there calls out.
    @exclusivity(unchecked) private var tree: MemtableTree
    private let base: UnsafeMutableRawPointer
    private let used: Atomic<Int>
    private let cells = Atomic<Int>(0)
    private let lowestSequence = Atomic<UInt64>(.max)
    private let highestSequence = Atomic<UInt64>(0)

    private let monitor = Monitor()
    private let tombstoneCount = Atomic<Int>(0)
    private let tombstoneBytes = Atomic<Int>(0)
    private var tombstones: [RangeTombstone] = []

    /// Bytes of address space; `insert` refuses what may not fit.
    package let capacity: Int

    /// - Parameter capacity: bytes, 64 KiB to 32 GiB; memory is taken as it is filled.
    package init(capacity: Int) {
        tree = MemtableTree(capacity: capacity)
        base = tree.arena.base
        self.capacity = tree.arena.capacity
        used = Atomic(tree.arena.used)
    }

    /// Whether `cell` is sure to fit into an empty memtable of `capacity` bytes.
    package static func fits(_ cell: CellReference, capacity: Int) -> Bool {
        MemtableRecord.size(cell) + MemtableTree.splitReserve + 1024 <= max(capacity, 64 << 10)
    }

    /// Enters a cell, which is copied. Returns false, with nothing changed, if there may be no
    /// room: the caller then takes a new memtable. Row and qualifier must be within 65535 bytes,
    /// the value within 2 GiB; two cells must not be equal in row, qualifier, timestamp and
    /// trailer.
    @inline(__always)
    package func insert(_ cell: CellReference) -> Bool {
        guard tree.insert(cell) else { return false }
        used.store(tree.arena.used, ordering: .relaxed)
        cells.store(cells.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        cover(cell.sequence)
        return true
    }

    /// As `insert(_: CellReference)`. `timeToLive` in microseconds, 0 for never.
    @inline(__always)
    package func insert(
        row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer, timestamp: UInt64,
        trailer: UInt64, timeToLive: UInt64 = 0, value: UnsafeRawBufferPointer
    ) -> Bool {
        insert(
            CellReference(
                row: row, qualifier: qualifier, timestamp: timestamp, trailer: trailer,
                timeToLive: timeToLive, value: value))
    }

    /// Enters a range tombstone; there is always room. Its bytes count in `usedBytes`.
    package func insert(_ tombstone: RangeTombstone) {
        monitor.withLock { tombstones.append(tombstone) }
        let bytes = tombstone.start.count + tombstone.end.count + 64
        tombstoneBytes.store(
            tombstoneBytes.load(ordering: .relaxed) &+ bytes, ordering: .relaxed)
        cover(tombstone.sequence)
        tombstoneCount.store(
            tombstoneCount.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }

    /// Has memory made that insertions will need soon. By the writer, at times; O(1).
    package func prepare(_ background: any BackgroundExecutor) {
        while let piece = tree.nextPiece() {
            // Holds the memtable, and so the region, until it is done.
            background.submit(.memory) { [self] in MemtableArena.makePages(piece, of: base) }
        }
    }

    @inline(__always)
    private func cover(_ sequence: UInt64) {
        if sequence < lowestSequence.load(ordering: .relaxed) {
            lowestSequence.store(sequence, ordering: .relaxed)
        }
        if sequence > highestSequence.load(ordering: .relaxed) {
            highestSequence.store(sequence, ordering: .relaxed)
        }
    }

    /// In order of insertion: ascending sequences.
    package var rangeTombstones: [RangeTombstone] {
        tombstoneCount.load(ordering: .acquiring) == 0 ? [] : monitor.withLock { tombstones }
    }

    /// Whether there are range tombstones; costs one load.
    @inline(__always)
    package var hasRangeTombstones: Bool { tombstoneCount.load(ordering: .acquiring) != 0 }

    /// Bytes of memory taken by cells, nodes and range tombstones.
    package var usedBytes: Int {
        used.load(ordering: .relaxed) &+ tombstoneBytes.load(ordering: .relaxed)
    }

    /// Cells entered; range tombstones do not count.
    package var cellCount: Int { cells.load(ordering: .relaxed) }

    /// Whether nothing was entered.
    package var isEmpty: Bool { cellCount == 0 && !hasRangeTombstones }

    /// The lowest sequence entered; `.max` if nothing was.
    package var minimumSequence: UInt64 { lowestSequence.load(ordering: .relaxed) }

    /// The highest sequence entered; 0 if nothing was.
    package var maximumSequence: UInt64 { highestSequence.load(ordering: .relaxed) }

    /// A cursor that stands nowhere. The caller keeps the memtable alive while it is used.
    @inline(__always)
    package func makeCursor() -> MemtableCursor { MemtableCursor(base) }
}
