/// What the manifest says of one table file: enough to place it in a tree, to pick it for a
/// compaction and to skip it in a read, without opening it.
package struct TableMetadata: Sendable, Equatable {
    /// The tree (family) that the table belongs to.
    package var tree: UInt32
    /// Level in the tree, 0 for what a flush wrote.
    package var level: UInt8
    /// The number in the file's name; unique in the store, never used again.
    package var number: UInt64
    /// The random id in the table's footer, which its block checksums are bound to.
    package var tableID: UInt64
    /// Bytes of the file.
    package var size: UInt64
    /// The smallest row with a cell or under a range tombstone's start.
    package var smallestRow: [UInt8]
    /// The largest row with a cell; empty if a range tombstone reaches to the end of the table.
    package var largestRow: [UInt8]
    /// The least sequence of a cell or range tombstone.
    package var minSequence: UInt64
    /// The greatest sequence of a cell or range tombstone.
    package var maxSequence: UInt64
    /// Cells of every kind.
    package var cellCount: UInt64
    /// Those of the cells that delete.
    package var tombstoneCount: UInt64
    /// Range tombstones, which are not cells.
    package var rangeTombstoneCount: UInt64
    /// The oldest cell timestamp, microseconds since 1970.
    package var minTimestamp: UInt64
    /// The newest cell timestamp, microseconds since 1970.
    package var maxTimestamp: UInt64
    /// When the file was written, microseconds since 1970.
    package var createdAt: UInt64

    package init(
        tree: UInt32, level: UInt8, number: UInt64, tableID: UInt64, size: UInt64,
        smallestRow: [UInt8], largestRow: [UInt8], minSequence: UInt64, maxSequence: UInt64,
        cellCount: UInt64, tombstoneCount: UInt64, rangeTombstoneCount: UInt64,
        minTimestamp: UInt64, maxTimestamp: UInt64, createdAt: UInt64
    ) {
        self.tree = tree
        self.level = level
        self.number = number
        self.tableID = tableID
        self.size = size
        self.smallestRow = smallestRow
        self.largestRow = largestRow
        self.minSequence = minSequence
        self.maxSequence = maxSequence
        self.cellCount = cellCount
        self.tombstoneCount = tombstoneCount
        self.rangeTombstoneCount = rangeTombstoneCount
        self.minTimestamp = minTimestamp
        self.maxTimestamp = maxTimestamp
        self.createdAt = createdAt
    }
}
