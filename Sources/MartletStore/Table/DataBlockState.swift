/// What a cursor in a data block knows. Lives at a fixed address, so that a move costs neither
/// allocation nor reference counting nor exclusivity checks.
struct DataBlockState {
    var base: UnsafeRawPointer
    /// Where the cells end and the restart offsets begin.
    var cellsEnd = 0
    var cellCount = 0
    var restartCount = 0
    var baseTimestamp: UInt64 = 0
    var baseSequence: UInt64 = 0

    /// The current cell; its row lies in `row` or in `windowRows`.
    var cell = CellReference(
        row: .init(start: nil, count: 0), qualifier: .init(start: nil, count: 0), timestamp: 0,
        trailer: 0, value: .init(start: nil, count: 0))
    var isValid = false
    /// The block's bytes make no sense: the cursor stays invalid until it gets another block.
    var isDamaged = false
    /// Where the next cell to decode starts, and how many cells lie before it.
    var nextOffset = 0
    var nextOrdinal = 0
    /// The cell decoded last has the row of the cell before it.
    var sameRow = false

    var row: UnsafeMutableRawPointer
    var rowCapacity: Int

    /// The decoded cells of one restart interval while moving backward; -1 while moving forward.
    var windowIndex = -1
    var windowCount = 0
    var windowInterval = 0
    var window: UnsafeMutablePointer<CellReference>
    var windowRows: UnsafeMutableRawPointer
    var windowRowsCapacity: Int

    /// Keeps the block's memory alive.
    var block: CachedBlock?

    init() {
        rowCapacity = 256
        row = .allocate(byteCount: 256, alignment: 16)
        window = .allocate(capacity: TableFormat.restartInterval)
        windowRowsCapacity = 0
        windowRows = row
        base = UnsafeRawPointer(row)
    }

    func deallocate() {
        row.deallocate()
        window.deallocate()
        if windowRowsCapacity > 0 { windowRows.deallocate() }
    }
}

extension DataBlockState {
    /// Decodes the cell at `nextOffset` into `cell`. False at the end and where the bytes make no
    /// sense (`isDamaged`). Never reads outside of the block and its slack, whatever the bytes are.
    @inline(__always)
    mutating func step() -> Bool {
        // Locals, because the compiler cannot know that the copy of the row changes no property.
        let base = base
        let limit = cellsEnd
        var at = nextOffset
        let ordinal = nextOrdinal
        guard ordinal < cellCount, at < limit else {
            return stop(damaged: ordinal != cellCount || at != limit)
        }
        let flags = base.load(fromByteOffset: at, as: UInt8.self)
        at &+= 1
        var timestamp = cell.timestamp
        var rowCount = cell.row.count
        if ordinal & (TableFormat.restartInterval &- 1) == 0 {
            let same =
                TableFormat.sameRow | TableFormat.sameQualifier | TableFormat.sameTimestamp
            if flags & same != 0 { return stop(damaged: true) }
            timestamp = baseTimestamp
            rowCount = 0
        }

        let isSameRow = flags & TableFormat.sameRow != 0
        sameRow = isSameRow
        if !isSameRow {
            let shared = TableCoding.varint(base, &at, limit)
            let unshared = TableCoding.length(base, &at, limit)
            if shared > UInt64(rowCount) { return stop(damaged: true) }
            rowCount = Int(shared) &+ unshared
            if rowCount &+ 16 > rowCapacity, !growRow(to: rowCount) { return stop(damaged: true) }
            TableCoding.copyWords(row + Int(shared), base + at, unshared)
            at &+= unshared
        }
        cell.row = UnsafeRawBufferPointer(start: UnsafeRawPointer(row), count: rowCount)
        if flags & TableFormat.sameQualifier == 0 {
            let count = TableCoding.length(base, &at, limit)
            cell.qualifier = UnsafeRawBufferPointer(start: base + at, count: count)
            at &+= count
        }
        if flags & TableFormat.sameTimestamp == 0 {
            timestamp &+= TableCoding.unzigzag(TableCoding.varint(base, &at, limit))
        }
        cell.timestamp = timestamp
        var sequence: UInt64 = 0
        if flags & TableFormat.sequenceIsZero == 0 {
            sequence =
                baseSequence &+ TableCoding.unzigzag(TableCoding.varint(base, &at, limit))
        }
        let kind = flags & TableFormat.kindMask
        cell.trailer = sequence << 8 | UInt64(kind)
        cell.timeToLive =
            flags & TableFormat.hasTimeToLive == 0 ? 0 : TableCoding.varint(base, &at, limit)
        var valueCount = 0
        if kind == CellKind.put.rawValue {
            valueCount = TableCoding.length(base, &at, limit)
        }
        // `at` may be limit + 1 here after a failure: still within the slack, and refused below.
        cell.value = UnsafeRawBufferPointer(start: base + at, count: valueCount)
        at &+= valueCount
        if at > limit || kind &- 1 > 3 || sequence >> 56 != 0 || rowCount == 0
            || cell.qualifier.count > TableFormat.nameMax
        {
            return stop(damaged: true)
        }
        nextOffset = at
        nextOrdinal = ordinal &+ 1
        isValid = true
        return true
    }

    /// Prepares `step` to decode the first cell of an interval.
    @inline(__always)
    mutating func goTo(interval: Int) -> Bool {
        let offset = Int(TableCoding.u32(base, cellsEnd &+ interval &* 4))
        nextOffset = offset
        nextOrdinal = interval &* TableFormat.restartInterval
        windowIndex = -1
        return offset < cellsEnd ? true : stop(damaged: true)
    }

    /// Decodes all cells of an interval into the window.
    mutating func loadWindow(_ interval: Int) -> Bool {
        guard goTo(interval: interval) else { return false }
        let first = interval * TableFormat.restartInterval
        let count = min(TableFormat.restartInterval, cellCount - first)
        var used = 0
        var index = 0
        var last = UnsafeRawBufferPointer(start: nil, count: 0)
        while index < count {
            guard step() else { return stop(damaged: true) }
            window[index] = cell
            if !sameRow {
                let rowCount = cell.row.count
                if used &+ rowCount &+ 16 > windowRowsCapacity {
                    growWindow(used, rowCount, decoded: index)
                }
                TableCoding.copyWords(windowRows + used, UnsafeRawPointer(row), rowCount)
                last = UnsafeRawBufferPointer(start: windowRows + used, count: rowCount)
                used &+= rowCount
            }
            window[index].row = last
            index &+= 1
        }
        windowInterval = interval
        windowCount = count
        windowIndex = count &- 1
        return true
    }

    /// Makes the window's cell at `index` the current one.
    @inline(__always)
    mutating func serve(_ index: Int) -> Bool {
        windowIndex = index
        cell = window[index]
        isValid = true
        return true
    }

    @inline(never)
    mutating func stop(damaged: Bool) -> Bool {
        isValid = false
        isDamaged = isDamaged || damaged
        return false
    }

    @inline(never)
    private mutating func growRow(to count: Int) -> Bool {
        guard count <= TableFormat.nameMax else { return false }
        let capacity = max(rowCapacity * 2, count + 16)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        bigger.copyMemory(from: row, byteCount: rowCapacity)
        row.deallocate()
        if windowRowsCapacity == 0 { windowRows = bigger }
        row = bigger
        rowCapacity = capacity
        return true
    }

    /// Makes room for one more row in the window and corrects the rows of the cells before.
    @inline(never)
    private mutating func growWindow(_ used: Int, _ more: Int, decoded: Int) {
        let capacity = max(windowRowsCapacity * 2, used + more + 1024)
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        if windowRowsCapacity > 0 {
            bigger.copyMemory(from: windowRows, byteCount: used)
            for index in 0..<decoded {
                let row = window[index].row
                guard let start = row.baseAddress else { continue }
                window[index].row = UnsafeRawBufferPointer(
                    start: bigger + (start - UnsafeRawPointer(windowRows)), count: row.count)
            }
            windowRows.deallocate()
        }
        windowRows = bigger
        windowRowsCapacity = capacity
    }
}
