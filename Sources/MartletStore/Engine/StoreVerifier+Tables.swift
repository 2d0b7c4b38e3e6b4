extension StoreVerifier {
    /// Every table that the manifest names, how they lie to each other, and what nobody names.
    mutating func verifyTables(of state: ManifestState) {
        for (tree, levels) in state.files.sorted(by: { $0.key < $1.key }) {
            for (level, files) in levels.sorted(by: { $0.key < $1.key }) {
                let tables = files.values.sorted { $0.number < $1.number }
                for table in tables { verify(table) }
                verifyLevel(level, of: tree, tables)
            }
        }
        findStrangers(state)
    }

    /// Every table file that there is, each for itself.
    mutating func verifyAllTables() {
        let names = (try? fileSystem.list(tableDirectory)) ?? []
        for name in names.sorted() where FileName.tableNumber(name) != nil {
            do throws(StoreError) {
                _ = try read("\(tableDirectory)/\(name)", expecting: nil)
            } catch {
                add(error, in: "\(tableDirectory)/\(name)")
            }
        }
    }

    private mutating func verify(_ metadata: TableMetadata) {
        let path = "\(tableDirectory)/\(FileName.table(metadata.number))"
        do throws(StoreError) {
            let properties = try read(path, expecting: metadata.tableID)
            compare(metadata, properties, path)
        } catch {
            // A compaction beside this may have dropped the table since the manifest was read.
            guard isNamed(metadata) else { return }
            let isMissing = error.code == .notFound
            let message = isMissing ? "the manifest names this file, and it is missing" : nil
            add(path, error.offset, message ?? error.message)
        }
    }

    private func isNamed(_ metadata: TableMetadata) -> Bool {
        currentState()?.fileNumbers.contains(metadata.number) ?? true
    }

    /// Reads all of a table. Where more than one block is damaged, all are reported but the first,
    /// which is thrown.
    private mutating func read(
        _ path: String, expecting tableID: UInt64?
    ) throws(StoreError) -> TableProperties {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        report.bytes += try file.size()
        do throws(StoreError) {
            let table = try TableReader.open(file: file, cache: nil, expecting: tableID)
            report.files += 1
            try table.verify()
            report.blocks += table.properties.dataBlocks
            report.cells += table.properties.cells
            report.tombstones += table.properties.tombstones + table.properties.rangeTombstones
            return table.properties
        } catch {
            var others: [StoreError] = []
            TableInspection.run(file: file) { block in
                if let error = block.error {
                    others.append(error)
                } else if block.kind == .data {
                    report.blocks += 1
                    report.cells += UInt64(block.count)
                }
                return others.count <= errorsKept
            }
            for other in others where other.offset != error.offset { add(other, in: path) }
            throw error
        }
    }

    /// What the manifest says of a table is what the table says of itself.
    private mutating func compare(
        _ metadata: TableMetadata, _ properties: TableProperties, _ path: String
    ) {
        let own = TableMetadata(properties, tree: properties.tree, level: Int(metadata.level))
        guard own != metadata else { return }
        let differences: [(String, Bool)] = [
            ("tree", own.tree != metadata.tree),
            ("file number", own.number != metadata.number),
            ("size", own.size != metadata.size),
            ("smallest row", own.smallestRow != metadata.smallestRow),
            ("largest row", own.largestRow != metadata.largestRow),
            ("least sequence", own.minSequence != metadata.minSequence),
            ("greatest sequence", own.maxSequence != metadata.maxSequence),
            ("count of cells", own.cellCount != metadata.cellCount),
            ("count of tombstones", own.tombstoneCount != metadata.tombstoneCount),
            ("count of range tombstones", own.rangeTombstoneCount != metadata.rangeTombstoneCount),
            ("least timestamp", own.minTimestamp != metadata.minTimestamp),
            ("greatest timestamp", own.maxTimestamp != metadata.maxTimestamp),
            ("time of creation", own.createdAt != metadata.createdAt),
        ]
        let names = differences.filter(\.1).map(\.0).joined(separator: ", ")
        add(path, nil, "the manifest says otherwise of the table's \(names)")
    }

    /// Holds C2: below the first level, tables do not overlap.
    private mutating func verifyLevel(_ level: UInt8, of tree: UInt32, _ tables: [TableMetadata]) {
        guard level > 0 else { return }
        if level >= TreeVersion.levelCount {
            for table in tables {
                add(
                    "\(tableDirectory)/\(FileName.table(table.number))", nil,
                    "the manifest puts the table into level \(level), which cannot be")
            }
        }
        let sorted = tables.sorted { $0.smallestRow.lexicographicallyPrecedes($1.smallestRow) }
        for (table, next) in zip(sorted, sorted.dropFirst()) {
            // The end of a range tombstone is not in its table: the next one may begin there.
            let mayTouch = table.rangeTombstoneCount > 0 && table.largestRow == next.smallestRow
            let isBefore = table.largestRow.lexicographicallyPrecedes(next.smallestRow)
            if !table.largestRow.isEmpty, isBefore || mayTouch { continue }
            add(
                "\(tableDirectory)/\(FileName.table(next.number))", nil,
                "overlaps \(FileName.table(table.number)) in level \(level) of tree \(tree)")
        }
    }

    /// Files in the store's directories that nothing names.
    private mutating func findStrangers(_ state: ManifestState) {
        do throws(StoreError) {
            for name in try fileSystem.list(tableDirectory).sorted() {
                let path = "\(tableDirectory)/\(name)"
                guard let number = FileName.tableNumber(name) else {
                    warn(path, nil, "is no file of a store")
                    continue
                }
                if state.fileNumbers.contains(number) { continue }
                // A flush or compaction beside this may have named or removed it since.
                let isNamed = currentState()?.fileNumbers.contains(number) ?? false
                guard !isNamed, fileSystem.exists(path) else { continue }
                warn(path, nil, "no manifest edit names this file (removed at the next opening)")
            }
        } catch {
            add(error, in: tableDirectory)
        }
    }
}
