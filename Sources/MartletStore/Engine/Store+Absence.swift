extension Store {
    /// Whether `row` certainly has no cell in `family`, told from memory alone: it never waits for
    /// the disk, so an event loop may ask. False says that only a read can tell.
    ///
    /// Sees every write that was visible before the call. For rows that are new nearly always, it
    /// saves the way to a thread that may block.
    public func certainlyLacks(_ family: Family, row: some Bytes) -> Bool {
        guard let tree = try? currentCatalog.tree(family) else { return false }
        let view = tree.currentView
        return row.withBytes { row in
            view.active.memtable.lacks(row) && view.frozen.allSatisfy { $0.memtable.lacks(row) }
                && view.version.certainlyLacks(row)
        }
    }
}

extension Memtable {
    /// Whether there is no cell of `row`. Any thread.
    fileprivate func lacks(_ row: UnsafeRawBufferPointer) -> Bool {
        if cellCount == 0 { return true }
        var cursor = makeCursor()
        cursor.seek(CellPosition(startOf: row))
        return !cursor.isValid || CellOrder.compareBytes(cursor.cell.row, row) != 0
    }
}

extension TreeVersion {
    /// As far as bounds and filters in memory tell.
    fileprivate func certainlyLacks(_ row: UnsafeRawBufferPointer) -> Bool {
        let hash = RowHash.hash(row)
        for (level, tables) in levels.enumerated() where !tables.isEmpty {
            if level == 0 {
                for table in tables where table.mayContain(row, hash) { return false }
            } else if let table = TreeVersion.first(in: tables, reaching: row),
                table.mayContain(row, hash)
            {
                return false
            }
        }
        return true
    }
}

extension TableHandle {
    /// True also for a table that was not opened yet, since opening it reads the disk.
    fileprivate func mayContain(_ row: UnsafeRawBufferPointer, _ hash: UInt64) -> Bool {
        guard overlaps(from: row, through: row) else { return false }
        return openedReader?.mayContain(rowHash: hash) ?? true
    }
}
