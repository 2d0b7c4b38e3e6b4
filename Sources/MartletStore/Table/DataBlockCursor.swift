/// Moves through the cells of one data block, in place.
///
/// Moves answer whether the cursor is on a cell; if not, `isDamaged` says whether that is because
/// the block's bytes make no sense. All pointers of `cell` are valid until the next move.
struct DataBlockCursor: ~Copyable {
    let state: UnsafeMutablePointer<DataBlockState>

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: DataBlockState())
    }

    deinit {
        state.pointee.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inline(__always) var isValid: Bool { state.pointee.isValid }
    @inline(__always) var isDamaged: Bool { state.pointee.isDamaged }
    @inline(__always) var cell: CellReference { state.pointee.cell }
    var cellCount: Int { state.pointee.cellCount }

    /// Takes another block, on none of its cells. False, and damaged, if its end makes no sense.
    func set(_ block: CachedBlock) -> Bool {
        let count = block.count
        state.pointee.block = block
        state.pointee.base = block.base
        state.pointee.isValid = false
        state.pointee.isDamaged = false
        state.pointee.windowIndex = -1
        guard count >= TableFormat.dataTailSize else { return state.pointee.stop(damaged: true) }
        let tail = count - TableFormat.dataTailSize
        state.pointee.baseTimestamp = TableCoding.u64(block.base, tail)
        state.pointee.baseSequence = TableCoding.u64(block.base, tail + 8)
        let cells = Int(TableCoding.u32(block.base, tail + 16))
        let restarts = Int(TableCoding.u32(block.base, tail + 20))
        let interval = TableFormat.restartInterval
        guard cells > 0, restarts == (cells + interval - 1) / interval, restarts * 4 < tail else {
            state.pointee.cellCount = 0
            state.pointee.restartCount = 0
            return state.pointee.stop(damaged: true)
        }
        state.pointee.cellCount = cells
        state.pointee.restartCount = restarts
        state.pointee.cellsEnd = tail - restarts * 4
        return true
    }

    /// Forgets the block.
    func clear() {
        state.pointee.isValid = false
        state.pointee.isDamaged = false
        state.pointee.cellCount = 0
        state.pointee.restartCount = 0
        state.pointee.block = nil
    }

    @inline(__always)
    func next() -> Bool {
        guard state.pointee.isValid else { return false }
        if state.pointee.windowIndex < 0 { return state.pointee.step() }
        return nextInWindow()
    }

    @inline(__always)
    func previous() -> Bool {
        guard state.pointee.isValid else { return false }
        let index = state.pointee.windowIndex
        if index > 0 { return state.pointee.serve(index &- 1) }
        return previousInterval()
    }

    func seekToFirst() -> Bool {
        guard state.pointee.restartCount > 0, state.pointee.goTo(interval: 0) else {
            return state.pointee.stop(damaged: false)
        }
        return state.pointee.step()
    }

    func seekToLast() -> Bool {
        let last = state.pointee.restartCount - 1
        guard last >= 0, state.pointee.loadWindow(last) else {
            return state.pointee.stop(damaged: false)
        }
        return state.pointee.serve(state.pointee.windowIndex)
    }

    /// To the first cell at or behind `position`.
    func seek(_ position: CellPosition) -> Bool {
        let interval = max(0, firstInterval(notBefore: position) - 1)
        guard state.pointee.restartCount > 0, !isDamaged, state.pointee.goTo(interval: interval)
        else { return state.pointee.stop(damaged: false) }
        while state.pointee.step() {
            if CellOrder.compare(CellPosition(state.pointee.cell), position) >= 0 { return true }
        }
        return false
    }

    /// To the last cell before `position`.
    func seekBefore(_ position: CellPosition) -> Bool {
        let interval = firstInterval(notBefore: position) - 1
        guard interval >= 0, !isDamaged, state.pointee.loadWindow(interval) else {
            return state.pointee.stop(damaged: false)
        }
        var index = state.pointee.windowCount - 1
        while index >= 0 {
            let cell = state.pointee.window[index]
            if CellOrder.compare(CellPosition(cell), position) < 0 {
                return state.pointee.serve(index)
            }
            index -= 1
        }
        // The interval's first cell is before the position, unless the restarts lied.
        return state.pointee.stop(damaged: true)
    }

    private func nextInWindow() -> Bool {
        let index = state.pointee.windowIndex + 1
        if index < state.pointee.windowCount { return state.pointee.serve(index) }
        let interval = state.pointee.windowInterval + 1
        guard interval < state.pointee.restartCount, state.pointee.goTo(interval: interval) else {
            return state.pointee.stop(damaged: false)
        }
        return state.pointee.step()
    }

    @inline(never)
    private func previousInterval() -> Bool {
        if state.pointee.windowIndex == 0 {
            let interval = state.pointee.windowInterval - 1
            guard interval >= 0, state.pointee.loadWindow(interval) else {
                return state.pointee.stop(damaged: false)
            }
            return state.pointee.serve(state.pointee.windowCount - 1)
        }
        // It moved forward until now: `nextOrdinal - 1` is the current cell.
        let before = state.pointee.nextOrdinal - 2
        guard before >= 0 else { return state.pointee.stop(damaged: false) }
        let interval = before / TableFormat.restartInterval
        guard state.pointee.loadWindow(interval) else { return false }
        return state.pointee.serve(before % TableFormat.restartInterval)
    }

    /// The number of the first interval whose first cell is not before `position`.
    private func firstInterval(notBefore position: CellPosition) -> Int {
        var low = 0
        var high = state.pointee.restartCount
        while low < high {
            let middle = (low &+ high) >> 1
            if compareFirst(middle, position) < 0 {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low
    }

    @inline(__always)
    private func compareFirst(_ interval: Int, _ position: CellPosition) -> Int {
        guard state.pointee.goTo(interval: interval) else { return 1 }
        let base = state.pointee.base
        let limit = state.pointee.cellsEnd
        // Flags, then a zero: nothing is shared with the cell before.
        var at = state.pointee.nextOffset &+ 2
        let count = TableCoding.length(base, &at, limit)
        let row = UnsafeRawBufferPointer(start: base + min(at, limit), count: count)
        let rows = CellOrder.compareBytes(row, position.row)
        if rows != 0 { return rows }
        guard state.pointee.step() else { return 1 }
        return CellOrder.compareInRow(CellPosition(state.pointee.cell), position)
    }
}
