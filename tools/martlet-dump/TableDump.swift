import MartletStore

/// Shows one table file.
struct TableDump {
    let file: any File
    let context: StoreContext
    let out: Output
    /// The open table; `nil` where footer, properties, index, filters or tombstones are damaged.
    private let table: TableReader?
    private let failure: StoreError?
    /// What the store's manifest says of the file, by its name.
    private let metadata: TableMetadata?
    let layout: RowLayout

    init(file: any File, context: StoreContext, out: Output) {
        self.file = file
        self.context = context
        self.out = out
        let name = file.path.split(separator: "/").last.map(String.init) ?? ""
        metadata = FileName.tableNumber(name).flatMap { context.table($0) }
        var table: TableReader?
        var failure: StoreError?
        do throws(StoreError) {
            table = try TableReader.open(file: file, cache: nil, expecting: metadata?.tableID)
        } catch {
            failure = error
        }
        self.table = table
        self.failure = failure
        let tree = table?.properties.tree ?? metadata?.tree
        layout = tree.map { context.layout($0) } ?? .unknown
    }

    // MARK: Properties

    func properties(readingBlocks: Bool) {
        if let table {
            properties(table.properties)
        } else if let metadata {
            out.text("the table cannot be opened; its store's manifest says of it:")
            TableDump.facts(metadata, context).print("metadata", to: out, indent: "  ")
        }
        guard readingBlocks else { return }
        var intact = 0
        var reported = false
        TableInspection.run(file: file) { block in
            if let error = block.error {
                out.damage(error, in: file.path)
                reported = true
            } else {
                intact += 1
            }
            return true
        }
        if let failure, !reported { out.damage(failure, in: file.path) }
        if let failure, intact == 0 { salvage(failure) { _ in intact += 1 } }
        out.text("intact blocks      \(Format.count(intact))")
        out.object("summary", [("intact_blocks", .count(intact))])
    }

    private func properties(_ properties: TableProperties) {
        var facts = Facts()
        facts.add("file", file.path)
        facts.add("file number", properties.fileNumber)
        facts.add("table id", Format.hex(properties.tableID))
        facts.add("family", context.name(properties.tree))
        facts.add("tree", properties.tree)
        facts.add("bytes", properties.fileSize)
        facts.add(time: "created", properties.createdAt)
        facts.add("codec", "\(properties.compression)")
        facts.add("filter prefix", properties.prefixLength)
        facts.add("rows", properties.rows)
        facts.add("cells", properties.cells)
        facts.add("  puts", properties.puts)
        facts.add("  version deletes", properties.deleteVersions)
        facts.add("  column deletes", properties.deleteColumns)
        facts.add("  family deletes", properties.deleteFamilies)
        facts.add("range tombstones", properties.rangeTombstones)
        facts.add(row: "smallest row", properties.smallestRow, layout)
        facts.add(row: "largest row", properties.largestRow, layout)
        if properties.rangeTombstones > 0 {
            facts.add(row: "tombstones from", properties.rangeTombstoneStart, layout)
            facts.add(row: "tombstones to", properties.rangeTombstoneEnd, layout)
        }
        facts.add(time: "oldest timestamp", properties.minTimestamp)
        facts.add(time: "newest timestamp", properties.maxTimestamp)
        facts.add("least sequence", properties.minSequence)
        facts.add("greatest sequence", properties.maxSequence)
        facts.add("largest cell", properties.largestCell)
        facts.add("raw key bytes", properties.rawKeyBytes)
        facts.add("raw value bytes", properties.rawValueBytes)
        facts.add("data blocks", properties.dataBlocks)
        facts.add("  mostly deletes", properties.tombstoneDenseBlocks)
        facts.add("data bytes", properties.dataBytes)
        facts.add("index bytes", properties.indexBytes)
        facts.add("filter bytes", properties.filterBytes)
        facts.print("properties", to: out)
    }

    static func facts(_ table: TableMetadata, _ context: StoreContext) -> Facts {
        var facts = Facts()
        facts.add("file number", table.number)
        facts.add("family", context.name(table.tree))
        facts.add("tree", UInt64(table.tree))
        facts.add("level", UInt64(table.level))
        facts.add("table id", Format.hex(table.tableID))
        facts.add("bytes", table.size)
        facts.add("cells", table.cellCount)
        facts.add("tombstones", table.tombstoneCount)
        facts.add("range tombstones", table.rangeTombstoneCount)
        facts.add(row: "smallest row", table.smallestRow, context.layout(table.tree))
        facts.add(row: "largest row", table.largestRow, context.layout(table.tree))
        facts.add("least sequence", table.minSequence)
        facts.add("greatest sequence", table.maxSequence)
        facts.add(time: "created", table.createdAt)
        return facts
    }

    // MARK: Blocks

    func blocks() {
        out.text("    offset    stored   content  codec  entries  kind")
        var isFound = false
        TableInspection.run(file: file) { block in
            isFound = isFound || block.error == nil
            show(block)
            return true
        }
        if let failure, !isFound { salvage(failure) { show($0) } }
    }

    private func show(_ block: TableBlockReport) {
        let codec = block.compression.map { "\($0)" } ?? "?"
        let numbers = [
            (String(block.offset), 10), (String(block.storedSize), 10),
            (String(block.contentSize), 10), (codec, 7), (String(block.count), 9),
        ].map { text, width in
            String(repeating: " ", count: max(1, width - text.count)) + text
        }.joined()
        let row = block.firstRow.isEmpty ? "" : ", from \(layout.text(block.firstRow))"
        let state = block.error == nil ? "" : ", DAMAGED"
        out.text("\(numbers)  \(block.kind.rawValue)\(row)\(state)")
        out.object(
            "block",
            [
                ("type", .string(block.kind.rawValue)), ("offset", .number(block.offset)),
                ("stored_bytes", .number(block.storedSize)),
                ("content_bytes", .count(block.contentSize)), ("codec", .string(codec)),
                ("entries", .count(block.count)), ("intact", .bool(block.error == nil)),
            ] + (block.firstRow.isEmpty ? [] : layout.members(block.firstRow, prefix: "first_")))
        if let error = block.error { out.damage(error, in: file.path) }
    }

    // MARK: Cells

    func cells(from: [UInt8], to: [UInt8], limit: Int, values: Int) {
        var left = limit
        func take(_ event: TableCellWalk.Event) -> Bool {
            switch event {
            case .damage(let error):
                out.damage(error, in: file.path)
            case .cell(let cell, _):
                guard left > 0 else { return false }
                left -= 1
                CellText.show(cell, layout, out, limit: values)
            }
            return true
        }
        do throws(StoreError) {
            try TableCellWalk.run(file: file, from: from, to: to, take)
        } catch {
            let tableID = metadata?.tableID ?? 0
            salvage(error) { block in
                TableCellWalk.run(
                    salvaged: block, in: file, tableID: tableID, from: from, to: to, take)
            }
        }
        for tombstone in table?.rangeTombstones ?? [] { show(tombstone) }
    }

    private func show(_ tombstone: RangeTombstone) {
        let end = tombstone.end.isEmpty ? "the end" : layout.text(tombstone.end)
        out.text(
            "rows from \(layout.text(tombstone.start)) to before \(end)"
                + "  sequence \(tombstone.sequence)  deleteRange")
        out.object(
            "range_tombstone",
            layout.members(tombstone.start, prefix: "start_")
                + layout.members(tombstone.end, prefix: "end_")
                + [("sequence", .number(tombstone.sequence))])
    }

    // MARK: Checking

    func check() {
        let before = out.damages
        if let table {
            do throws(StoreError) {
                try table.verify()
            } catch {
                var offsets: Set<UInt64> = []
                TableInspection.run(file: file) { block in
                    if let error = block.error {
                        out.damage(error, in: file.path)
                        offsets.insert(block.offset)
                    }
                    return true
                }
                if !offsets.contains(error.offset ?? .max) { out.damage(error, in: file.path) }
            }
        } else if let failure {
            out.damage(failure, in: file.path)
        }
        let isSound = out.damages == before
        out.text(isSound ? "check: sound" : "check: damaged")
        out.object("check", [("sound", .bool(isSound))])
    }

    /// The blocks from the file's start on, where nothing leads to them any more.
    private func salvage(_ error: StoreError, _ body: (TableBlockReport) -> Void) {
        if out.damages == 0 { out.damage(error, in: file.path) }
        guard let metadata else {
            out.text("blocks cannot be found without the footer, or the store that names the table")
            return
        }
        TableSalvage.run(file: file, tableID: metadata.tableID, body)
    }
}
