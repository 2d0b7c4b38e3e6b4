/// How a cell follows the one before it.
struct CellStep {
    /// First bytes of the row that both rows share.
    var sharedRow = 0
    var sameRow = false
    /// Row and qualifier are the same.
    var sameQualifier = false
    var isAscending = true
}

/// Remembers the last cell of a table being written, and counts what goes into its properties.
struct TableTally: ~Copyable {
    var properties = TableProperties()
    private(set) var count = 0
    private(set) var rowHashes: [UInt64] = []
    private(set) var prefixHashes: [UInt64] = []
    private let wantsFilter: Bool
    private let prefixLength: Int

    /// The last cell's row, then (from `nameRoom` on) its qualifier.
    private let last: UnsafeMutableRawPointer
    private var lastRow = 0
    private var lastQualifier = 0
    private var lastTimestamp: UInt64 = 0
    private var lastTrailer: UInt64 = 0
    private static let nameRoom = 1 << 16

    init(_ settings: TableSettings) {
        last = .allocate(byteCount: TableTally.nameRoom * 2, alignment: 16)
        wantsFilter = settings.filter != .none
        if case .rowAndPrefix(let length) = settings.filter {
            prefixLength = max(0, length)
        } else {
            prefixLength = 0
        }
        properties.tableID = settings.tableID
        properties.fileNumber = settings.fileNumber
        properties.tree = settings.tree
        properties.createdAt = settings.createdAt
        properties.compression = settings.compression
        properties.prefixLength = UInt64(prefixLength)
        properties.minTimestamp = .max
        properties.minSequence = .max
    }

    deinit { last.deallocate() }

    /// Bytes that the filters will have.
    var filterBytes: Int {
        (rowHashes.count + prefixHashes.count) * BlockedBloomFilter.bitsPerKey / 8
    }

    @inline(__always)
    static func isStorable(_ cell: CellReference) -> Bool {
        cell.row.count &- 1 < TableFormat.nameMax && cell.row.count > 0
            && cell.qualifier.count <= TableFormat.nameMax
            && cell.value.count <= TableFormat.valueMax && cell.kindByte &- 1 < 4
            && (cell.kindByte == CellKind.put.rawValue || cell.value.isEmpty)
    }

    @inline(__always)
    func compare(_ cell: CellReference) -> CellStep {
        var step = CellStep()
        guard count > 0, let row = cell.row.baseAddress else { return step }
        let shorter = min(lastRow, cell.row.count)
        step.sharedRow = TableCoding.sharedPrefix(last, row, shorter)
        if step.sharedRow < shorter {
            let before = last.load(fromByteOffset: step.sharedRow, as: UInt8.self)
            let after = row.load(fromByteOffset: step.sharedRow, as: UInt8.self)
            step.isAscending = before < after
            return step
        }
        guard lastRow == cell.row.count else {
            step.isAscending = lastRow < cell.row.count
            return step
        }
        step.sameRow = true
        let before = UnsafeRawBufferPointer(
            start: last + TableTally.nameRoom, count: lastQualifier)
        let order = CellOrder.compareBytes(before, cell.qualifier)
        step.sameQualifier = order == 0
        if order != 0 {
            step.isAscending = order < 0
        } else if lastTimestamp != cell.timestamp {
            step.isAscending = lastTimestamp > cell.timestamp
        } else {
            step.isAscending = lastTrailer > cell.trailer
        }
        return step
    }

    @inline(__always)
    mutating func count(_ cell: CellReference, _ step: CellStep) {
        if !step.sameRow { startRow(cell, step.sharedRow) }
        if !step.sameQualifier {
            lastQualifier = cell.qualifier.count
            if let source = cell.qualifier.baseAddress {
                (last + TableTally.nameRoom).copyMemory(from: source, byteCount: lastQualifier)
            }
        }
        lastTimestamp = cell.timestamp
        lastTrailer = cell.trailer
        count &+= 1
        switch cell.kindByte {
        case CellKind.put.rawValue: properties.puts &+= 1
        case CellKind.deleteVersion.rawValue: properties.deleteVersions &+= 1
        case CellKind.deleteColumn.rawValue: properties.deleteColumns &+= 1
        default: properties.deleteFamilies &+= 1
        }
        properties.minTimestamp = min(properties.minTimestamp, cell.timestamp)
        properties.maxTimestamp = max(properties.maxTimestamp, cell.timestamp)
        properties.minSequence = min(properties.minSequence, cell.sequence)
        properties.maxSequence = max(properties.maxSequence, cell.sequence)
        let keyBytes = UInt64(truncatingIfNeeded: cell.row.count &+ cell.qualifier.count)
        let valueBytes = UInt64(truncatingIfNeeded: cell.value.count)
        properties.rawKeyBytes &+= keyBytes &+ 16
        properties.rawValueBytes &+= valueBytes
        properties.largestCell = max(properties.largestCell, keyBytes &+ valueBytes)
    }

    mutating func count(_ tombstone: RangeTombstone, first: Bool) {
        properties.rangeTombstones += 1
        properties.minSequence = min(properties.minSequence, tombstone.sequence)
        properties.maxSequence = max(properties.maxSequence, tombstone.sequence)
        let start = properties.rangeTombstoneStart
        let end = properties.rangeTombstoneEnd
        if first || tombstone.start.lexicographicallyPrecedes(start) {
            properties.rangeTombstoneStart = tombstone.start
        }
        let isFurther =
            !end.isEmpty && (tombstone.end.isEmpty || end.lexicographicallyPrecedes(tombstone.end))
        if first || isFurther { properties.rangeTombstoneEnd = tombstone.end }
    }

    /// Completes the properties behind the last cell.
    mutating func close() {
        if count == 0 { properties.minTimestamp = 0 }
        if count == 0, properties.rangeTombstones == 0 { properties.minSequence = 0 }
        properties.largestRow = [UInt8](UnsafeRawBufferPointer(start: last, count: lastRow))
    }

    private mutating func startRow(_ cell: CellReference, _ shared: Int) {
        guard let row = cell.row.baseAddress else { return }
        if count == 0 { properties.smallestRow = [UInt8](cell.row) }
        (last + shared).copyMemory(from: row + shared, byteCount: cell.row.count &- shared)
        properties.rows &+= 1
        guard wantsFilter else {
            lastRow = cell.row.count
            return
        }
        rowHashes.append(RowHash.hash(cell.row))
        if prefixLength > 0, cell.row.count >= prefixLength {
            // The first row this long, or one that differs from the row before within the prefix.
            if prefixHashes.isEmpty || shared < prefixLength || lastRow < prefixLength {
                let prefix = UnsafeRawBufferPointer(start: row, count: prefixLength)
                prefixHashes.append(RowHash.hash(prefix))
            }
        }
        lastRow = cell.row.count
    }
}
