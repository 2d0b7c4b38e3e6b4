/// The newest visible version of one column, without the machinery of a scan.
///
/// Most rows live in one place: when the filters leave a single memtable or table that may have the
/// row, its cells need no merge. Otherwise, and where range tombstones matter, `TreeReader` reads.
struct PointReader {
    let view: TreeView
    let schema: FamilySchema
    let sequence: UInt64
    let now: UInt64

    /// What the short way found.
    enum Answer {
        /// Not for the short way.
        case undecided
        case decided([UInt8]?)
    }

    func read(
        row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer
    ) throws(StoreError) -> Answer {
        guard view.version.withRangeTombstones.isEmpty else { return .undecided }
        var table: TableHandle?
        let hash = RowHash.hash(row)
        for candidate in candidates(row) where try candidate.reader().mayContain(rowHash: hash) {
            if table != nil { return .undecided }
            table = candidate
        }
        let buffers = [view.active] + view.frozen
        for buffer in buffers {
            if buffer.memtable.hasRangeTombstones { return .undecided }
            if buffer.memtable.cellCount == 0 { continue }
            var cursor = buffer.memtable.makeCursor()
            cursor.seek(CellPosition(startOf: row))
            if cursor.isValid, CellOrder.compareBytes(cursor.cell.row, row) == 0 {
                return .undecided
            }
        }
        guard let table else { return .decided(nil) }
        return .decided(try read(table, row, qualifier))
    }

    private func candidates(_ row: UnsafeRawBufferPointer) -> [TableHandle] {
        var candidates: [TableHandle] = []
        for (level, tables) in view.version.levels.enumerated() where !tables.isEmpty {
            if level == 0 {
                candidates += tables.filter { $0.overlaps(from: row, through: row) }
            } else if let table = TreeVersion.first(in: tables, reaching: row),
                table.overlaps(from: row, through: row)
            {
                candidates.append(table)
            }
        }
        return candidates
    }

    private func read(
        _ table: TableHandle, _ row: UnsafeRawBufferPointer, _ qualifier: UnsafeRawBufferPointer
    ) throws(StoreError) -> [UInt8]? {
        let cursor = try table.reader().makeCursor(fillCache: true)
        var resolver = VisibilityResolver(
            snapshot: sequence, now: now, maxVersions: schema.maxVersions,
            timeToLive: schema.timeToLive)
        resolver.beginRow()
        var position = CellPosition(startOf: row)
        try cursor.seek(position)
        var hasJumped = qualifier.isEmpty
        while cursor.isValid, CellOrder.compareBytes(cursor.cell.row, row) == 0 {
            let cell = cursor.cell
            let order = CellOrder.compareBytes(cell.qualifier, qualifier)
            if order > 0 { return nil }
            // Deletes of the whole family come first, under the empty qualifier.
            if order < 0, !cell.qualifier.isEmpty, !hasJumped {
                hasJumped = true
                position.qualifier = qualifier
                try cursor.seek(position)
                continue
            }
            if resolver.consume(cell) == .show, order == 0 { return Array(cell.value) }
            try cursor.next()
        }
        return nil
    }
}
