/// Rows from `start` on, before `end`; an empty `end` is the end of the table.
package struct RowRange: Sendable, Equatable {
    package var start: [UInt8]
    package var end: [UInt8]

    package init(start: [UInt8], end: [UInt8]) {
        self.start = start
        self.end = end
    }

    package static let all = RowRange(start: [], end: [])

    /// Whether `row` lies behind the range.
    @inline(__always)
    func isPast(_ row: UnsafeRawBufferPointer) -> Bool {
        !end.isEmpty && end.withBytes { CellOrder.compareBytes(row, $0) } >= 0
    }

    package func contains(_ row: [UInt8]) -> Bool {
        !row.lexicographicallyPrecedes(start) && (end.isEmpty || row.lexicographicallyPrecedes(end))
    }

    /// Whether all of `other`'s rows are here.
    package func contains(_ other: RowRange) -> Bool {
        if other.start.lexicographicallyPrecedes(start) { return false }
        return end.isEmpty || (!other.end.isEmpty && !end.lexicographicallyPrecedes(other.end))
    }

    /// The part of the tombstone that lies here; `nil` for none.
    func clip(_ tombstone: RangeTombstone) -> RangeTombstone? {
        var clipped = tombstone
        if clipped.start.lexicographicallyPrecedes(start) { clipped.start = start }
        if !end.isEmpty, clipped.end.isEmpty || end.lexicographicallyPrecedes(clipped.end) {
            clipped.end = end
        }
        let isEmpty =
            !clipped.end.isEmpty && !clipped.start.lexicographicallyPrecedes(clipped.end)
        return isEmpty ? nil : clipped
    }

    /// Whether a table, as far as its bounds tell, may have a row here.
    func meets(_ table: TableMetadata) -> Bool {
        if !end.isEmpty, !table.smallestRow.lexicographicallyPrecedes(end) { return false }
        return table.largestRow.isEmpty || !table.largestRow.lexicographicallyPrecedes(start)
    }
}
