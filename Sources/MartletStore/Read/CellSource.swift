/// One sorted run of cells that a merge reads: the cursor contract, behind one virtual call a move.
///
/// The current cell is kept in stored properties, so that the merge compares without calls. Used by
/// one thread at a time.
class CellSource {
    /// Whether there is a current cell.
    final fileprivate(set) var isValid = false
    /// The first bytes of the current cell's row (`CellOrder.head`).
    final fileprivate(set) var head: UInt64 = 0
    /// The current cell; its pointers are valid until the source moves.
    final fileprivate(set) var cell = CellReference.none

    /// To the first cell at or behind `position`.
    func seek(_ position: CellPosition) throws(StoreError) {}
    /// To the last cell before `position`.
    func seekBefore(_ position: CellPosition) throws(StoreError) {}
    /// To the first cell of all.
    func seekToFirst() throws(StoreError) {}
    /// To the last cell of all.
    func seekToLast() throws(StoreError) {}
    /// One cell forward. There must be a current cell.
    func next() throws(StoreError) {}
    /// One cell back. There must be a current cell.
    func previous() throws(StoreError) {}

    @inline(__always)
    final func show(_ current: CellReference?) {
        guard let current else {
            isValid = false
            return
        }
        cell = current
        head = CellOrder.head(current.row)
        isValid = true
    }
}

extension CellReference {
    /// A cell that nothing reads.
    static var none: CellReference {
        CellReference(
            row: UnsafeRawBufferPointer(start: nil, count: 0),
            qualifier: UnsafeRawBufferPointer(start: nil, count: 0), timestamp: 0, trailer: 0,
            value: UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

/// The cells of a memtable, which it keeps alive.
final class MemtableSource: CellSource {
    private let buffer: WriteBuffer
    private var cursor: MemtableCursor

    init(_ buffer: WriteBuffer) {
        self.buffer = buffer
        cursor = buffer.memtable.makeCursor()
    }

    override func seek(_ position: CellPosition) {
        cursor.seek(position)
        show()
    }

    override func seekBefore(_ position: CellPosition) {
        cursor.seekBefore(position)
        show()
    }

    override func seekToFirst() {
        cursor.seekToFirst()
        show()
    }

    override func seekToLast() {
        cursor.seekToLast()
        show()
    }

    override func next() {
        cursor.next()
        show()
    }

    override func previous() {
        cursor.previous()
        show()
    }

    @inline(__always)
    private func show() {
        show(cursor.isValid ? cursor.cell : nil)
    }
}

/// The cells of one table.
final class TableSource: CellSource {
    private let table: TableHandle
    private var cursor: TableCursor

    init(_ table: TableHandle, fillCache: Bool) throws(StoreError) {
        self.table = table
        cursor = try table.reader().makeCursor(fillCache: fillCache)
    }

    override func seek(_ position: CellPosition) throws(StoreError) {
        try cursor.seek(position)
        show()
    }

    override func seekBefore(_ position: CellPosition) throws(StoreError) {
        try cursor.seekBefore(position)
        show()
    }

    override func seekToFirst() throws(StoreError) {
        try cursor.seekToFirst()
        show()
    }

    override func seekToLast() throws(StoreError) {
        try cursor.seekToLast()
        show()
    }

    override func next() throws(StoreError) {
        try cursor.next()
        show()
    }

    override func previous() throws(StoreError) {
        try cursor.previous()
        show()
    }

    @inline(__always)
    private func show() {
        show(cursor.isValid ? cursor.cell : nil)
    }
}
