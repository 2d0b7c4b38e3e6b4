/// Something that a merge reads from. The cursor contract of the engine, for one thread.
package protocol CellSource: AnyObject {
    /// Whether the source stands on a cell.
    var isValid: Bool { get }
    /// The cell under the source, which must be valid; its pointers live until the source moves.
    var cell: CellReference { get }
    /// To the first cell at or after `position`.
    func seek(_ position: CellPosition) throws(StoreError)
    /// To the last cell before `position`.
    func seekBefore(_ position: CellPosition) throws(StoreError)
    /// To the first cell.
    func seekToFirst() throws(StoreError)
    /// To the last cell.
    func seekToLast() throws(StoreError)
    /// To the next cell; invalid after the last.
    func next() throws(StoreError)
    /// To the previous cell; invalid before the first.
    func previous() throws(StoreError)
}

/// A memtable as a source; keeps it alive.
package final class MemtableSource: CellSource {
    /// The memtable read.
    package let memtable: Memtable
    private var cursor: MemtableCursor

    package init(_ memtable: Memtable) {
        self.memtable = memtable
        cursor = memtable.makeCursor()
    }

    package var isValid: Bool { cursor.isValid }
    package var cell: CellReference { cursor.cell }
    package func seek(_ position: CellPosition) { cursor.seek(position) }
    package func seekBefore(_ position: CellPosition) { cursor.seekBefore(position) }
    package func seekToFirst() { cursor.seekToFirst() }
    package func seekToLast() { cursor.seekToLast() }
    package func next() { cursor.next() }
    package func previous() { cursor.previous() }
}
