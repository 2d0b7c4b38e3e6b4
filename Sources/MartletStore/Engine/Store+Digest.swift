extension Store {
    /// Reads everything and says what it comes to. Takes the time of a scan of the whole store.
    ///
    /// Two stores with one log agree at a common sequence, if they are asked with the same `now`,
    /// and that is not before what the clock of either said at its last compaction: what has
    /// expired by then may be gone already. It may lie ahead. Writes that went past the log
    /// (`.skipLog`) are on the primary only.
    ///
    /// - Parameters:
    ///   - snapshot: the moment; that of the call if `nil`.
    ///   - now: microseconds since 1970, by which cells expire; the clock's if `nil`.
    ///   - cellsPerRange: a range ends with the row in which it reaches so many cells.
    /// - Throws: `.corruption`, `.io`, `.closed`.
    public func digest(
        at snapshot: Snapshot? = nil, now: UInt64? = nil,
        cellsPerRange: Int = StoreDigest.cellsPerRange
    ) throws(StoreError) -> StoreDigest {
        let snapshot = snapshot ?? self.snapshot()
        let now = now ?? environment.clock.now()
        var digest = StoreDigest(sequence: snapshot.sequence, ranges: [])
        var scan = Scan()
        scan.maxVersions = .max
        scan.fillCache = false
        for tree in currentCatalog.trees {
            let reader = try TreeReader(
                try view(of: tree.family), tree.family, scan, bounds: ScanBounds(scan),
                point: false, sequence: snapshot.sequence, now: now)
            var range = RangeTally(tree.family)
            while let cell = try reader.next() {
                if range.cells >= cellsPerRange, !range.isIn(cell.row) {
                    digest.ranges.append(range.finished())
                    range = RangeTally(tree.family)
                }
                range.add(cell)
            }
            if range.cells > 0 { digest.ranges.append(range.finished()) }
        }
        return digest
    }

    /// A moment of the past, of a store that was opened for reading only.
    ///
    /// - Throws: `.gone` where tables have something behind it, so that what it saw may have been
    ///   dropped; `.invalidArgument` for a moment that is still to come.
    func snapshot(at sequence: UInt64) throws(StoreError) -> Snapshot {
        let flushed = manifestMonitor.withLock {
            manifest.state.flushedSequences.values.max() ?? 0
        }
        guard flushed <= sequence else {
            throw StoreError(
                .gone, "tables hold sequences up to \(flushed), behind \(sequence)",
                path: directory)
        }
        guard sequence <= visibleSequence else {
            throw StoreError(
                .invalidArgument, "sequence \(sequence) is behind the last, \(visibleSequence)",
                path: directory)
        }
        return snapshots.take { sequence }
    }

    /// Opens all tables, so that the files stay readable until this store is let go of, whatever
    /// another process that has it open replaces. Takes a descriptor for each.
    func openTables() throws(StoreError) {
        for tree in currentCatalog.trees {
            for table in tree.currentView.version.tables { _ = try table.reader() }
        }
    }
}

/// A range whose cells are being added.
private struct RangeTally {
    private let family: Family
    private var hash = DigestHash()
    private var firstRow: [UInt8] = []
    private var lastRow: [UInt8] = []
    private(set) var cells = 0

    init(_ family: Family) {
        self.family = family
        for name in [family.table, family.schema.name] {
            Array(name.utf8).withBytes { hash.add($0) }
        }
    }

    func isIn(_ row: UnsafeRawBufferPointer) -> Bool {
        lastRow.withBytes { CellOrder.compareBytes($0, row) } == 0
    }

    mutating func add(_ cell: CellReference) {
        if cells == 0 { firstRow = Array(cell.row) }
        if cells == 0 || !isIn(cell.row) { lastRow = Array(cell.row) }
        cells += 1
        hash.add(cell.row)
        hash.add(cell.qualifier)
        hash.add(cell.timestamp)
        hash.add(cell.trailer & 0xff)
        hash.add(cell.timeToLive)
        hash.add(cell.value)
    }

    func finished() -> StoreDigest.Range {
        var hash = hash
        hash.add(UInt64(cells))
        return StoreDigest.Range(
            table: family.table, family: family.schema.name, firstRow: firstRow, lastRow: lastRow,
            cells: UInt64(cells), value: hash.value)
    }
}
