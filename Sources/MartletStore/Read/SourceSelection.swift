/// Which memtables and tables a read needs: those whose rows, filters and tombstones concern it.
struct SourceSelection {
    let view: TreeView
    let schema: FamilySchema
    let bounds: ScanBounds
    let prefix: [UInt8]?
    let point: Bool
    let fillCache: Bool

    /// The runs to merge, newest first.
    func sources() throws(StoreError) -> [any CellSource] {
        if bounds.isEmpty { return [] }
        var sources: [any CellSource] = []
        for buffer in [view.active] + view.frozen where buffer.memtable.cellCount > 0 {
            sources.append(MemtableSource(buffer.memtable))
        }
        for (level, tables) in view.version.levels.enumerated() where !tables.isEmpty {
            var needed: [TableHandle] = []
            for table in overlapping(tables, isSorted: level > 0) where try mayContain(table) {
                needed.append(table)
            }
            if level > 0, needed.count > 1 {
                sources.append(LevelSource(needed, fillCache: fillCache))
            } else {
                for table in needed {
                    sources.append(try TableSource(table, fillCache: fillCache))
                }
            }
        }
        return sources
    }

    /// The range tombstones of all that may cover a row of the bounds.
    func rangeTombstones() throws(StoreError) -> [RangeTombstone] {
        var tombstones: [RangeTombstone] = []
        for buffer in [view.active] + view.frozen {
            tombstones += buffer.memtable.rangeTombstones
        }
        for table in overlapping(view.version.withRangeTombstones, isSorted: false) {
            tombstones += try table.reader().rangeTombstones
        }
        return tombstones
    }

    private func overlapping(_ tables: [TableHandle], isSorted: Bool) -> [TableHandle] {
        bounds.lower.withBytes { lower in
            bounds.upper.withBytes { upper in
                var result: [TableHandle] = []
                var index = isSorted ? TreeVersion.firstIndex(in: tables, reaching: lower) : 0
                while index < tables.count {
                    if tables[index].overlaps(from: lower, through: upper) {
                        result.append(tables[index])
                    } else if isSorted {
                        break
                    }
                    index += 1
                }
                return result
            }
        }
    }

    private func mayContain(_ table: TableHandle) throws(StoreError) -> Bool {
        if point {
            let reader = try table.reader()
            return bounds.lower.withBytes { reader.mayContain(row: $0) }
        }
        guard case .rowAndPrefix(let length) = schema.filter, let prefix, prefix.count >= length
        else { return true }
        let reader = try table.reader()
        return prefix.withBytes {
            reader.mayContain(prefix: UnsafeRawBufferPointer(rebasing: $0[..<length]))
        }
    }
}
