/// Moves through the cells of a table. Used by one thread.
///
/// A move within a block allocates nothing and counts no references. The pointers of `cell` are
/// valid until the next move. After a move has thrown, the cursor is on no cell; seek to go on.
package final class TableCursor {
    private let table: TableReader
    private let fillCache: Bool
    private let cells = DataBlockCursor()
    /// The index partition at hand, and which entries of top index and partition are current.
    private var partition: IndexBlock?
    private var topEntry = 0
    private var entry = 0
    /// Where the data block at hand starts; `.max` for none.
    private var blockOffset = UInt64.max

    init(_ table: TableReader, fillCache: Bool) {
        self.table = table
        self.fillCache = fillCache
    }

    /// Whether the cursor is on a cell.
    @inline(__always) package var isValid: Bool { cells.isValid }

    /// The current cell; only while `isValid`.
    @inline(__always) package var cell: CellReference { cells.cell }

    @inline(__always)
    package func next() throws(StoreError) {
        guard cells.isValid else { return }
        if cells.next() { return }
        try nextBlock()
    }

    @inline(__always)
    package func previous() throws(StoreError) {
        guard cells.isValid else { return }
        if cells.previous() { return }
        try previousBlock()
    }

    package func seekToFirst() throws(StoreError) {
        guard try enter(topEntry: 0, last: false), try enter(entry: 0) else { return }
        if !cells.seekToFirst() { throw damaged() }
    }

    package func seekToLast() throws(StoreError) {
        guard try enter(topEntry: table.topIndex.count - 1, last: true), try enter(entry: entry)
        else { return }
        if !cells.seekToLast() { throw damaged() }
    }

    /// To the first cell at or behind `position`.
    package func seek(_ position: CellPosition) throws(StoreError) {
        guard try find(position) else { return }
        if cells.seek(position) { return }
        try nextBlock()
    }

    /// To the last cell before `position`.
    package func seekBefore(_ position: CellPosition) throws(StoreError) {
        guard try find(position) else { return }
        if cells.seekBefore(position) { return }
        try previousBlock()
    }

    /// Makes the block at hand the one in which `position` lies. False in a table without cells.
    private func find(_ position: CellPosition) throws(StoreError) -> Bool {
        guard table.topIndex.count > 0 else { return false }
        guard let top = table.topIndex.last(notAfter: position) else {
            throw senseless(table.footer.topIndex)
        }
        guard try enter(topEntry: top, last: false), let partition else { return false }
        guard let entry = partition.last(notAfter: position) else {
            throw senseless(table.topIndex.handle(top))
        }
        return try enter(entry: entry)
    }

    @inline(never)
    private func nextBlock() throws(StoreError) {
        if cells.isDamaged { throw damaged() }
        guard let partition else { return }
        if entry + 1 < partition.count {
            guard try enter(entry: entry + 1) else { return }
        } else {
            guard try enter(topEntry: topEntry + 1, last: false), try enter(entry: 0) else {
                return
            }
        }
        if !cells.seekToFirst() { throw damaged() }
    }

    @inline(never)
    private func previousBlock() throws(StoreError) {
        if cells.isDamaged { throw damaged() }
        if entry > 0 {
            guard try enter(entry: entry - 1) else { return }
        } else {
            guard try enter(topEntry: topEntry - 1, last: true), try enter(entry: entry) else {
                return
            }
        }
        if !cells.seekToLast() { throw damaged() }
    }

    /// Takes the partition of an entry of the top index. False, and on no cell, if there is none.
    private func enter(topEntry: Int, last: Bool) throws(StoreError) -> Bool {
        guard topEntry >= 0, topEntry < table.topIndex.count else {
            forget()
            return false
        }
        if partition == nil || self.topEntry != topEntry {
            let handle = table.topIndex.handle(topEntry)
            forget()
            let block = try table.block(handle, fillCache: fillCache)
            guard let index = IndexBlock(block), index.count > 0 else { throw senseless(handle) }
            partition = index
            self.topEntry = topEntry
        }
        if last { entry = (partition?.count ?? 1) - 1 }
        return true
    }

    /// Takes the data block of an entry of the partition at hand.
    private func enter(entry: Int) throws(StoreError) -> Bool {
        guard let handle = partition?.handle(entry) else { return false }
        self.entry = entry
        if blockOffset == handle.offset { return true }
        cells.clear()
        blockOffset = .max
        let block = try table.block(handle, fillCache: fillCache)
        if !cells.set(block) { throw senseless(handle) }
        blockOffset = handle.offset
        return true
    }

    private func forget() {
        cells.clear()
        partition = nil
        blockOffset = .max
    }

    private func damaged() -> StoreError {
        senseless(BlockHandle(offset: blockOffset, size: 0))
    }

    private func senseless(_ handle: BlockHandle) -> StoreError {
        forget()
        return table.source.corruption(handle, BlockFault.content.message)
    }
}
