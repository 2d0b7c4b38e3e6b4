/// Walks over the cells of a table file, whole or damaged: what stands in a block that cannot be
/// read is passed over and said.
package enum TableCellWalk {
    /// What the walk meets, in the order of cells.
    package enum Event {
        /// A cell of the data block at `block`. Its pointers are valid in the call only.
        case cell(CellReference, block: UInt64)
        /// A block that cannot be read.
        case damage(StoreError)
    }

    /// Walks over the cells of the rows `from ..< to`; empty bounds are open.
    ///
    /// - Parameter body: returns false to stop.
    /// - Throws: where the footer or the top index cannot be read: then no cell can be found.
    package static func run(
        file: any File, from start: [UInt8] = [], to end: [UInt8] = [], _ body: (Event) -> Bool
    ) throws(StoreError) {
        let footer = try TableFooter.read(file)
        let source = BlockSource(file: file, tableID: footer.tableID, fileSize: footer.fileSize)
        let top = try index(source, footer.topIndex)
        let cells = DataBlockCursor()
        for topEntry in first(in: top, start)..<top.count {
            do throws(StoreError) {
                let partition = try index(source, top.handle(topEntry))
                for entry in first(in: partition, start)..<partition.count {
                    let handle = partition.handle(entry)
                    do throws(StoreError) {
                        guard try walk(source, handle, cells, start, end, body) else { return }
                    } catch {
                        guard body(.damage(error)) else { return }
                    }
                }
            } catch {
                guard body(.damage(error)) else { return }
            }
        }
    }

    private static func index(
        _ source: BlockSource, _ handle: BlockHandle
    ) throws(StoreError) -> IndexBlock {
        guard let index = IndexBlock(try source.read(handle)) else {
            throw source.corruption(handle, BlockFault.content.message)
        }
        return index
    }

    /// The entry that leads to the first cell of `start`, or in front of it.
    private static func first(in index: IndexBlock, _ start: [UInt8]) -> Int {
        if start.isEmpty || index.count == 0 { return 0 }
        return start.withUnsafeBytes { index.last(notAfter: CellPosition(startOf: $0)) } ?? 0
    }

    /// False where the walk is over.
    static func walk(
        _ source: BlockSource, _ handle: BlockHandle, _ cells: borrowing DataBlockCursor,
        _ start: [UInt8], _ end: [UInt8], _ body: (Event) -> Bool
    ) throws(StoreError) -> Bool {
        guard cells.set(try source.read(handle)) else {
            throw source.corruption(handle, BlockFault.content.message)
        }
        var isOn =
            start.isEmpty
            ? cells.seekToFirst()
            : start.withUnsafeBytes { cells.seek(CellPosition(startOf: $0)) }
        while isOn {
            let cell = cells.cell
            if !end.isEmpty, end.withUnsafeBytes({ CellOrder.compareBytes(cell.row, $0) }) >= 0 {
                return false
            }
            guard body(.cell(cell, block: handle.offset)) else { return false }
            isOn = cells.next()
        }
        if cells.isDamaged { throw source.corruption(handle, BlockFault.content.message) }
        return true
    }
}
