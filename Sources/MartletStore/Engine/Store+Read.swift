extension Store {
    /// The newest value of one column; `nil` if there is none. Throws `.io` or `.corruption`.
    public func get(
        _ family: Family, row: some Bytes, qualifier: some Bytes, snapshot: Snapshot? = nil
    ) throws(StoreError) -> [UInt8]? {
        let tree = try openTree(family)
        let (view, sequence) = tree.read { visibleSequence }
        let point = PointReader(
            view: view, schema: family.schema, sequence: snapshot?.sequence ?? sequence,
            now: environment.clock.now())
        let answer = try row.withBytes { (row) throws(StoreError) in
            try qualifier.withBytes { (qualifier) throws(StoreError) in
                try point.read(row: row, qualifier: qualifier)
            }
        }
        if case .decided(let value) = answer { return value }
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
        let tree = try openTree(family)
        let (view, sequence) = tree.read { visibleSequence }
        return try TreeReader(
            view, family, scan, bounds: row.map { ScanBounds(row: $0) } ?? ScanBounds(scan),
            point: row != nil, sequence: snapshot?.sequence ?? sequence,
            now: environment.clock.now())
    }

    /// What a read of `family` looks at now.
    func view(of family: Family) throws(StoreError) -> TreeView {
        try openTree(family).currentView
    }

    private func openTree(_ family: Family) throws(StoreError) -> Tree {
        if monitor.withLock({ state.isClosed }) {
            throw StoreError(.closed, "the store is closed", path: directory)
        }
        return try currentCatalog.tree(family)
    }
}
