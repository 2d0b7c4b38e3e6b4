/// The cells of one table as a source of a merge; keeps the table alive.
final class TableSource: CellSource {
    private let table: TableHandle
    private let cursor: TableCursor

    init(_ table: TableHandle, fillCache: Bool) throws(StoreError) {
        self.table = table
        cursor = try table.reader().makeCursor(fillCache: fillCache)
    }

    var isValid: Bool { cursor.isValid }
    var cell: CellReference { cursor.cell }
    func seek(_ position: CellPosition) throws(StoreError) { try cursor.seek(position) }
    func seekBefore(_ position: CellPosition) throws(StoreError) {
        try cursor.seekBefore(position)
    }
    func seekToFirst() throws(StoreError) { try cursor.seekToFirst() }
    func seekToLast() throws(StoreError) { try cursor.seekToLast() }
    func next() throws(StoreError) { try cursor.next() }
    func previous() throws(StoreError) { try cursor.previous() }
}
