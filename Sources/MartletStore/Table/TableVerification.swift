extension TableReader {
    /// Reads every block from the file and checks checksums, the order of all cells, that the index
    /// leads to each block, that the filters know each row, and the counts in the properties.
    /// Throws `.corruption` for the first thing that is wrong.
    package func verify() throws(StoreError) {
        var walk = TableVerification(self)
        try walk.run()
    }
}

/// One walk over all cells of a table.
private struct TableVerification: ~Copyable {
    private let table: TableReader
    private let cells = DataBlockCursor()
    private var tally: TableTally

    init(_ table: TableReader) {
        self.table = table
        let properties = table.properties
        tally = TableTally(
            TableSettings(
                tableID: properties.tableID, fileNumber: properties.fileNumber,
                tree: properties.tree, compression: properties.compression, filter: .none,
                createdAt: properties.createdAt))
    }

    mutating func run() throws(StoreError) {
        let source = table.source
        let topIndex = table.topIndex
        tally.properties.indexBytes = table.footer.topIndex.storedSize
        for topEntry in 0..<topIndex.count {
            let handle = topIndex.handle(topEntry)
            guard let partition = IndexBlock(try source.read(handle)), partition.count > 0 else {
                throw source.corruption(handle, "index partition makes no sense")
            }
            tally.properties.indexBytes += handle.storedSize
            for entry in 0..<partition.count {
                try check(partition, entry, topIndex, topEntry, handle)
            }
        }
        for tombstone in table.rangeTombstones {
            tally.count(tombstone, first: tally.properties.rangeTombstones == 0)
        }
        tally.close()
        var expected = table.properties
        // These are not counted by the walk.
        tally.properties.filterBytes = expected.filterBytes
        tally.properties.prefixLength = expected.prefixLength
        expected.fileSize = 0
        guard tally.properties == expected else {
            throw source.corruption(
                table.footer.properties, "properties do not match what the table holds")
        }
    }

    /// Checks one data block and the two index entries that lead to it.
    private mutating func check(
        _ partition: IndexBlock, _ entry: Int, _ topIndex: IndexBlock, _ topEntry: Int,
        _ partitionHandle: BlockHandle
    ) throws(StoreError) {
        let source = table.source
        let handle = partition.handle(entry)
        guard cells.set(try source.read(handle)) else {
            throw source.corruption(handle, BlockFault.content.message)
        }
        tally.properties.dataBlocks += 1
        tally.properties.dataBytes += handle.storedSize
        let tombstonesBefore = tally.properties.tombstones
        var isOn = cells.seekToFirst()
        while isOn {
            let cell = cells.cell
            let position = CellPosition(cell)
            guard topIndex.last(notAfter: position) == topEntry,
                partition.last(notAfter: position) == entry
            else { throw source.corruption(partitionHandle, "index leads to a wrong block") }
            try count(cell, handle)
            isOn = cells.next()
        }
        if cells.isDamaged { throw source.corruption(handle, BlockFault.content.message) }
        let tombstones = tally.properties.tombstones - tombstonesBefore
        if tombstones * 2 >= UInt64(cells.cellCount) {
            tally.properties.tombstoneDenseBlocks += 1
        }
    }

    private mutating func count(
        _ cell: CellReference, _ handle: BlockHandle
    ) throws(StoreError) {
        let step = tally.compare(cell)
        guard step.isAscending, TableTally.isStorable(cell) else {
            throw table.source.corruption(handle, "cells are out of order or out of limits")
        }
        if !step.sameRow, !table.mayContain(row: cell.row) || !table.mayContain(prefix: cell.row) {
            throw table.source.corruption(handle, "a filter does not know a row of the table")
        }
        tally.count(cell, step)
    }
}
