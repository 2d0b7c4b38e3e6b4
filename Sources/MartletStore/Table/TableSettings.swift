/// What a new table is to be.
package struct TableSettings: Sendable {
    /// Random; binds the table's checksums to this file.
    package var tableID: UInt64
    package var fileNumber: UInt64
    package var tree: UInt32
    package var compression: Compression
    /// Bytes of a data block before compression.
    package var blockSize: Int
    package var filter: FilterKind
    /// Microseconds since 1970.
    package var createdAt: UInt64

    package init(
        tableID: UInt64, fileNumber: UInt64, tree: UInt32, compression: Compression = .lz4,
        blockSize: Int = 16 << 10, filter: FilterKind = .row, createdAt: UInt64 = 0
    ) {
        self.tableID = tableID
        self.fileNumber = fileNumber
        self.tree = tree
        self.compression = compression
        self.blockSize = blockSize
        self.filter = filter
        self.createdAt = createdAt
    }
}
