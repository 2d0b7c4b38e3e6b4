/// Writes one table: all cells in order, range tombstones in any order, then `finish`.
///
/// Used by one thread. After an error the table is worth nothing: remove its file.
package final class TableWriter {
    private let state: UnsafeMutablePointer<TableWriterState>

    /// - Parameter file: empty, and written by nobody else.
    package init(file: any File, settings: TableSettings) {
        state = .allocate(capacity: 1)
        state.initialize(to: TableWriterState(file: file, settings: settings))
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Bytes of the file if it were finished now, roughly (an open block counts uncompressed).
    package var estimatedSize: Int { state.pointee.estimatedSize }

    /// Cells added so far.
    package var cellCount: Int { state.pointee.cellCount }

    /// Whether nothing was added yet, neither a cell nor a range tombstone.
    package var isEmpty: Bool { state.pointee.isEmpty }

    /// Appends a cell. `.invalidArgument` if it does not sort behind the one before, or is outside
    /// of the format's limits.
    package func add(_ cell: CellReference) throws(StoreError) {
        try state.pointee.add(cell)
    }

    /// Adds a range tombstone. `.invalidArgument` if its range is empty or a row too long.
    package func addRangeTombstone(_ tombstone: RangeTombstone) throws(StoreError) {
        try state.pointee.addRangeTombstone(tombstone)
    }

    /// Writes what is left, syncs the file and says what is in it. The last call.
    package func finish() throws(StoreError) -> TableProperties {
        try state.pointee.finish()
    }
}
