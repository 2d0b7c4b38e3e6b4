extension Store {
    /// The newest value of one column; `nil` if there is none. Throws `.io` or `.corruption`.
    public func get(
        _ family: Family, row: some Bytes, qualifier: some Bytes, snapshot: Snapshot? = nil
    ) throws(StoreError) -> [UInt8]? {
        var scan = Scan()
        scan.columns = [qualifier.withBytes { Array($0) }]
        let reader = try reader(
            of: family, scan, row: row.withBytes { Array($0) }, snapshot: snapshot)
        return try reader.next().map { Array($0.value) }
    }

    /// A row with the newest version of each column of all families; `nil` if there is none.
    public func get(
        _ table: Table, row: some Bytes, snapshot: Snapshot? = nil
    ) throws(StoreError) -> Row? {
        let snapshot = table.families.count > 1 ? snapshot ?? self.snapshot() : snapshot
        var result = Row(key: row.withBytes { Array($0) }, cells: [])
        for family in table.families {
            let reader = try reader(of: family, Scan(), row: result.key, snapshot: snapshot)
            while let cell = try reader.next() { result.cells.append(Cell(cell, family)) }
        }
        return result.cells.isEmpty ? nil : result
    }

    /// Reads rows of a family in order. Throws `.io` or `.corruption`.
    public func scan(
        _ family: Family, _ scan: Scan = Scan(), snapshot: Snapshot? = nil
    ) throws(StoreError) -> Scanner {
        let reader = try reader(of: family, scan, row: nil, snapshot: snapshot)
        return Scanner(reader, family, snapshot)
    }

    private func reader(
        of family: Family, _ scan: Scan, row: [UInt8]?, snapshot: Snapshot?
    ) throws(StoreError) -> TreeReader {
        if monitor.withLock({ state.isClosed }) {
            throw StoreError(.closed, "the store is closed", path: directory)
        }
        let tree = try currentCatalog.tree(family)
        let (view, sequence) = tree.read { visibleSequence }
        return try TreeReader(
            view, family, scan, bounds: row.map { ScanBounds(row: $0) } ?? ScanBounds(scan),
            point: row != nil, sequence: snapshot?.sequence ?? sequence,
            now: environment.clock.now())
    }
}
