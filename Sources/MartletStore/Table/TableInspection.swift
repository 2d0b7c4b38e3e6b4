/// What is known of one block, for the dump tool and `TableReader.verify`.
package struct TableBlockReport: Sendable {
    package var kind: BlockKind
    package var offset: UInt64
    /// Bytes in the file, the trailer included.
    package var storedSize: UInt64
    /// Bytes uncompressed; 0 if the block is damaged.
    package var contentSize = 0
    /// How the payload is compressed; nil if the block is damaged.
    package var compression: Compression?
    /// Cells of a data block, entries of an index block.
    package var count = 0
    /// Of a data block's first and last cell.
    package var firstRow: [UInt8] = []
    package var firstQualifier: [UInt8] = []
    package var lastRow: [UInt8] = []
    package var lastQualifier: [UInt8] = []
    /// What is wrong with the block.
    package var error: StoreError?
}

/// Walks over all blocks of a table file, whole or damaged, in the order of the index: data blocks
/// behind their partition. What an index that cannot be read points to cannot be found.
package struct TableInspection: ~Copyable {
    private let file: any File
    private let body: (TableBlockReport) -> Bool
    private let cells = DataBlockCursor()

    /// - Parameter body: takes each report; returns false to stop.
    package static func run(file: any File, _ body: (TableBlockReport) -> Bool) {
        withoutActuallyEscaping(body) { body in
            TableInspection(file: file, body: body).run()
        }
    }

    private init(file: any File, body: @escaping (TableBlockReport) -> Bool) {
        self.file = file
        self.body = body
    }

    private func run() {
        let size = (try? file.size()) ?? 0
        let footerSize = UInt64(TableFormat.footerSize)
        var report = TableBlockReport(
            kind: .footer, offset: size > footerSize ? size - footerSize : 0,
            storedSize: min(size, footerSize))
        let footer: TableFooter
        do throws(StoreError) {
            footer = try TableFooter.read(file)
            report.contentSize = TableFormat.footerSize
            report.compression = Compression.none
        } catch {
            report.error = error
            _ = body(report)
            return
        }
        guard body(report) else { return }
        let source = BlockSource(file: file, tableID: footer.tableID, fileSize: footer.fileSize)
        let others: [(BlockKind, BlockHandle)] = [
            (.properties, footer.properties), (.rangeTombstones, footer.rangeTombstones),
            (.rowFilter, footer.rowFilter), (.prefixFilter, footer.prefixFilter),
        ]
        for (kind, handle) in others where handle.size > 0 {
            guard body(inspect(source, kind, handle).report) else { return }
        }
        walk(source, footer.topIndex)
    }

    private func walk(_ source: BlockSource, _ topIndex: BlockHandle) {
        let top = inspect(source, .topIndex, topIndex)
        guard body(top.report), let topIndex = top.index else { return }
        for topEntry in 0..<topIndex.count {
            let partition = inspect(source, .indexPartition, topIndex.handle(topEntry))
            guard body(partition.report) else { return }
            guard let index = partition.index else { continue }
            for entry in 0..<index.count {
                guard body(inspect(source, .data, index.handle(entry)).report) else { return }
            }
        }
    }

    private func inspect(
        _ source: BlockSource, _ kind: BlockKind, _ handle: BlockHandle
    ) -> (report: TableBlockReport, index: IndexBlock?) {
        var report = TableBlockReport(
            kind: kind, offset: handle.offset, storedSize: handle.storedSize)
        do throws(StoreError) {
            let stored = try source.readStored(handle)
            let block = try source.read(handle)
            let codec = stored.base.load(fromByteOffset: Int(handle.size), as: UInt8.self)
            report.compression = Compression(rawValue: codec)
            report.contentSize = block.count
            let index = try examine(block, source, handle, &report)
            return (report, index)
        } catch {
            report.error = error
            return (report, nil)
        }
    }

    /// Looks whether the content of a block makes sense.
    private func examine(
        _ block: CachedBlock, _ source: BlockSource, _ handle: BlockHandle,
        _ report: inout TableBlockReport
    ) throws(StoreError) -> IndexBlock? {
        let isSound: Bool
        switch report.kind {
        case .data:
            isSound = walkCells(block, &report)
        case .topIndex, .indexPartition:
            guard let index = IndexBlock(block) else {
                throw source.corruption(handle, BlockFault.content.message)
            }
            report.count = index.count
            return index
        case .rowFilter, .prefixFilter:
            isSound = BlockedBloomFilter(block) != nil
        case .rangeTombstones:
            let decoded = RangeTombstoneBlock.decode(block)
            report.count = decoded?.count ?? 0
            isSound = decoded != nil
        case .properties:
            isSound = TableProperties.decode(block) != nil
        case .footer:
            isSound = true
        }
        guard isSound else { throw source.corruption(handle, BlockFault.content.message) }
        return nil
    }

    private func walkCells(_ block: CachedBlock, _ report: inout TableBlockReport) -> Bool {
        guard cells.set(block) else { return false }
        var isOn = cells.seekToFirst()
        while isOn {
            if report.count == 0 {
                report.firstRow = [UInt8](cells.cell.row)
                report.firstQualifier = [UInt8](cells.cell.qualifier)
            }
            report.count += 1
            if report.count == cells.cellCount {
                report.lastRow = [UInt8](cells.cell.row)
                report.lastQualifier = [UInt8](cells.cell.qualifier)
            }
            isOn = cells.next()
        }
        return !cells.isDamaged
    }
}
