/// What a `TableWriter` works with. A structure at a fixed address: in a class, each access to each
/// part would be checked for exclusivity, which costs more than adding a cell does.
struct TableWriterState: ~Copyable {
    private let file: any File
    private let settings: TableSettings
    private var output: TableOutput
    private var compressor: BlockCompressor
    private var rawCompressor = BlockCompressor(.none)
    private var block = DataBlockBuilder()
    private var blockKey: [UInt8] = []
    private var partition = IndexBlockBuilder()
    private var top = IndexBlockBuilder()
    private var tombstones: [RangeTombstone] = []
    private var tally: TableTally

    init(file: any File, settings: TableSettings) {
        self.file = file
        self.settings = settings
        output = TableOutput(file)
        compressor = BlockCompressor(settings.compression)
        tally = TableTally(settings)
    }

    var estimatedSize: Int {
        Int(output.offset) + block.byteCount + partition.byteCount + top.byteCount
            + tally.filterBytes + 1024
    }

    var cellCount: Int { tally.count }
    var isEmpty: Bool { tally.count == 0 && tombstones.isEmpty }

    @inline(__always)
    mutating func add(_ cell: CellReference) throws(StoreError) {
        let step = tally.compare(cell)
        guard step.isAscending, TableTally.isStorable(cell) else { throw refusal(cell) }
        if !block.isEmpty {
            let size = block.cellBytes
            let more = cell.row.count &+ cell.qualifier.count &+ cell.value.count
            let half = settings.blockSize >> 1
            if size >= settings.blockSize || (size >= half && size &+ more > settings.blockSize) {
                try finishDataBlock()
            }
        }
        if block.isEmpty { blockKey = separator(cell, step) }
        block.add(
            cell, shared: step.sharedRow, sameRow: step.sameRow, sameQualifier: step.sameQualifier)
        tally.count(cell, step)
    }

    mutating func addRangeTombstone(_ tombstone: RangeTombstone) throws(StoreError) {
        let isEmpty =
            !tombstone.end.isEmpty
            && !tombstone.start.lexicographicallyPrecedes(tombstone.end)
        guard !isEmpty, tombstone.start.count <= TableFormat.nameMax,
            tombstone.end.count <= TableFormat.nameMax, tombstone.sequence >> 56 == 0
        else {
            throw StoreError(.invalidArgument, "range tombstone out of limits", path: file.path)
        }
        tombstones.append(tombstone)
        tally.count(tombstone, first: tombstones.count == 1)
    }

    mutating func finish() throws(StoreError) -> TableProperties {
        if !block.isEmpty { try finishDataBlock() }
        if !partition.isEmpty { try finishPartition() }
        var footer = TableFooter()
        footer.topIndex = try append(top.finish())
        tally.properties.indexBytes += footer.topIndex.storedSize
        if settings.filter != .none, tally.count > 0 {
            footer.rowFilter = try appendFilter(tally.rowHashes)
            if tally.properties.prefixLength > 0 {
                footer.prefixFilter = try appendFilter(tally.prefixHashes)
            }
        }
        if !tombstones.isEmpty {
            footer.rangeTombstones = try append(RangeTombstoneBlock.encode(tombstones))
        }
        tally.close()
        footer.properties = try append(tally.properties.encode())
        footer.tableID = settings.tableID
        footer.fileNumber = settings.fileNumber
        footer.fileSize = output.offset + UInt64(TableFormat.footerSize)
        try output.append(footer.encode())
        try output.flush()
        try file.sync()
        tally.properties.fileSize = footer.fileSize
        return tally.properties
    }

    private mutating func finishDataBlock() throws(StoreError) {
        if block.tombstones * 2 >= block.count { tally.properties.tombstoneDenseBlocks += 1 }
        let handle = try output.append(block.finish(), &compressor, table: settings.tableID)
        tally.properties.dataBlocks += 1
        tally.properties.dataBytes += handle.storedSize
        partition.add(blockKey, handle)
        block.reset()
        if partition.byteCount >= TableFormat.indexPartitionSize { try finishPartition() }
    }

    private mutating func finishPartition() throws(StoreError) {
        let handle = try append(partition.finish())
        tally.properties.indexBytes += handle.storedSize
        top.add(partition.firstKey, handle)
        partition.reset()
    }

    private mutating func append(_ content: [UInt8]) throws(StoreError) -> BlockHandle {
        try TableWriterState.withBytes(content) { bytes throws(StoreError) in
            try output.append(bytes, &compressor, table: settings.tableID)
        }
    }

    private mutating func appendFilter(_ hashes: [UInt64]) throws(StoreError) -> BlockHandle {
        let content = BlockedBloomFilter.build(hashes)
        let handle = try TableWriterState.withBytes(content) { bytes throws(StoreError) in
            try output.append(bytes, &rawCompressor, table: settings.tableID)
        }
        tally.properties.filterBytes += handle.storedSize
        return handle
    }

    private static func withBytes<Value>(
        _ content: [UInt8], _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let result = content.withUnsafeBytes { bytes -> Result<Value, StoreError> in
            do throws(StoreError) {
                return .success(try body(bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The shortest separator between the cell before and `cell`.
    private func separator(_ cell: CellReference, _ step: CellStep) -> [UInt8] {
        if step.sameRow {
            return IndexBlockBuilder.key(row: cell.row, position: CellPosition(cell))
        }
        let count = tally.count == 0 ? cell.row.count : step.sharedRow + 1
        let row = UnsafeRawBufferPointer(rebasing: cell.row[..<min(count, cell.row.count)])
        return IndexBlockBuilder.key(row: row, position: nil)
    }

    private func refusal(_ cell: CellReference) -> StoreError {
        let reason =
            TableTally.isStorable(cell)
            ? "cell does not sort behind the one before it" : "cell out of limits"
        return StoreError(.invalidArgument, "\(reason) (cell \(tally.count))", path: file.path)
    }
}
