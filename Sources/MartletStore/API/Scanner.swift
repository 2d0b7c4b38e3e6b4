/// A scan under way: rows or cells of one family, as of one moment. For one thread at a time.
///
/// It keeps the tables it reads alive, so finish or drop it soon; `cursor` goes on later.
public final class Scanner {
    private let reader: TreeReader
    private let family: Family
    private let snapshot: Snapshot?
    @exclusivity(unchecked) private var pending: CellReference?

    /// Where the scan is: behind the last row given out.
    public private(set) var cursor = ScanCursor()

    init(_ reader: TreeReader, _ family: Family, _ snapshot: Snapshot?) {
        self.reader = reader
        self.family = family
        self.snapshot = snapshot
    }

    /// The next row; `nil` at the end. Throws `.io` or `.corruption`.
    public func next() throws(StoreError) -> Row? {
        guard let first = try nextCell() else { return nil }
        var row = Row(key: Array(first.row), cells: [Cell(first, family)])
        while let cell = try reader.next() {
            let isSame = row.key.withBytes { CellOrder.compareBytes($0, cell.row) } == 0
            guard isSame else {
                pending = cell
                break
            }
            row.cells.append(Cell(cell, family))
        }
        cursor = ScanCursor(lastRow: row.key)
        return row
    }

    /// Calls `body` with every cell that is left, in place, until it returns false.
    ///
    /// The fastest way to read: nothing is copied. The pointers are valid during the call only.
    public func forEachCell<Failure: Error>(
        _ body: (CellView) throws(Failure) -> Bool
    ) throws {
        while let cell = try nextCell() {
            guard try body(CellView(cell)) else { return }
        }
    }

    private func nextCell() throws(StoreError) -> CellReference? {
        if let pending {
            self.pending = nil
            return pending
        }
        return try reader.next()
    }
}

extension Cell {
    init(_ cell: CellReference, _ family: Family) {
        self.init(
            family: family.id, qualifier: Array(cell.qualifier), timestamp: cell.timestamp,
            sequence: cell.sequence, value: Array(cell.value))
    }
}
