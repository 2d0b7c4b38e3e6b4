/// Several sources in one order: a loser tree over the cells under them.
///
/// The sources' cells and the first eight bytes of their rows are kept in the merge's own memory,
/// so that a step costs one call of the winning source and about log2(sources) compares of heads.
///
/// Sources are given newest first: of cells that are equal in everything (their sequences were
/// zeroed) the newer source's comes first. A turn of direction seeks anew in all sources. After a
/// move that throws the cursor is invalid.
package final class MergeCursor: CellSource {
    private let sources: [any CellSource]
    private let slots: UnsafeMutablePointer<Slot>
    /// `losers[0]` is the winner; `losers[n]` lost the match at node n of a tree whose leaves, the
    /// sources, are nodes count ..< 2 count.
    private let losers: UnsafeMutablePointer<Int>
    private let count: Int
    @exclusivity(unchecked) private var isForward = true

    /// What one source stands on.
    private struct Slot {
        var head: UInt64
        var isValid: Bool
        var cell: CellReference
    }

    /// - Parameter sources: newest first; used by nobody else while this cursor is.
    package init(_ sources: [any CellSource]) {
        self.sources = sources
        count = sources.count
        slots = .allocate(capacity: max(count, 1))
        losers = .allocate(capacity: max(count, 1))
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let none = CellReference(
            row: nothing, qualifier: nothing, timestamp: 0, trailer: 0, value: nothing)
        slots.initialize(
            repeating: Slot(head: 0, isValid: false, cell: none), count: max(count, 1))
        losers.initialize(repeating: 0, count: max(count, 1))
    }

    deinit {
        slots.deallocate()
        losers.deallocate()
    }

    /// Whether the cursor stands on a cell.
    @inline(__always)
    package var isValid: Bool { slots[losers[0]].isValid }

    /// The cell under the cursor, which must be valid; its pointers live until the cursor moves.
    @inline(__always)
    package var cell: CellReference { slots[losers[0]].cell }

    /// Index of the source that the cell comes from.
    package var sourceIndex: Int { losers[0] }

    package func seek(_ position: CellPosition) throws(StoreError) {
        try start(isForward: true) { (source) throws(StoreError) in try source.seek(position) }
    }

    package func seekBefore(_ position: CellPosition) throws(StoreError) {
        try start(isForward: false) { (source) throws(StoreError) in
            try source.seekBefore(position)
        }
    }

    package func seekToFirst() throws(StoreError) {
        try start(isForward: true) { (source) throws(StoreError) in try source.seekToFirst() }
    }

    package func seekToLast() throws(StoreError) {
        try start(isForward: false) { (source) throws(StoreError) in try source.seekToLast() }
    }

    @inline(__always)
    package func next() throws(StoreError) {
        if !isForward { return try turn() }
        let winner = losers[0]
        slots[winner].isValid = false
        try sources[winner].next()
        load(winner)
        replay(winner)
    }

    @inline(__always)
    package func previous() throws(StoreError) {
        if isForward { return try turn() }
        let winner = losers[0]
        slots[winner].isValid = false
        try sources[winner].previous()
        load(winner)
        replay(winner)
    }

    /// One step against the direction so far: all sources are placed on the other side of the cell
    /// under the cursor. Among equal cells the step goes by the order of sources.
    private func turn() throws(StoreError) {
        let winner = losers[0]
        let cell = slots[winner].cell
        let place = CellPosition(cell)
        // The other sources first: the cell's bytes live until its own source moves.
        isForward.toggle()
        do throws(StoreError) {
            for index in 0..<count where index != winner {
                try reposition(index, around: place, isBeforeWinner: index < winner)
            }
            if isForward {
                try sources[winner].next()
            } else {
                try sources[winner].previous()
            }
        } catch {
            invalidate()
            throw error
        }
        for index in 0..<count { load(index) }
        build()
    }

    /// Moves a source to its nearest cell after (forward) or before `place`; an equal cell is
    /// before the winner's if its source is.
    private func reposition(
        _ index: Int, around place: CellPosition, isBeforeWinner: Bool
    ) throws(StoreError) {
        let source = sources[index]
        if isForward {
            try source.seek(place)
            guard isBeforeWinner, source.isValid else { return }
            if CellOrder.compare(CellPosition(source.cell), place) == 0 { try source.next() }
        } else if isBeforeWinner {
            try source.seek(place)
            if source.isValid, CellOrder.compare(CellPosition(source.cell), place) == 0 { return }
            try source.seekBefore(place)
        } else {
            try source.seekBefore(place)
        }
    }

    private func start(
        isForward: Bool, _ move: (any CellSource) throws(StoreError) -> Void
    ) throws(StoreError) {
        self.isForward = isForward
        invalidate()
        for source in sources { try move(source) }
        for index in 0..<count { load(index) }
        build()
    }

    private func invalidate() {
        for index in 0..<count { slots[index].isValid = false }
    }

    @inline(__always)
    private func load(_ index: Int) {
        let source = sources[index]
        guard source.isValid else {
            slots[index].isValid = false
            return
        }
        let cell = source.cell
        slots[index] = Slot(head: CellOrder.head(cell.row), isValid: true, cell: cell)
    }

    /// Whether the cell of `a` comes before that of `b` in the direction of the cursor.
    @inline(__always)
    private func wins(_ a: Int, _ b: Int) -> Bool {
        let (left, right) = (slots + a, slots + b)
        if !left.pointee.isValid { return false }
        if !right.pointee.isValid { return true }
        if left.pointee.head != right.pointee.head {
            return (left.pointee.head < right.pointee.head) == isForward
        }
        let order = CellOrder.compare(
            CellPosition(left.pointee.cell), CellPosition(right.pointee.cell))
        return (order == 0 ? a < b : order < 0) == isForward
    }

    /// Plays the matches from the leaf of `winner`, whose cell has changed, to the root.
    @inline(__always)
    private func replay(_ changed: Int) {
        var winner = changed
        var node = (changed &+ count) >> 1
        while node > 0 {
            let other = losers[node]
            if wins(other, winner) {
                losers[node] = winner
                winner = other
            }
            node >>= 1
        }
        losers[0] = winner
    }

    /// Plays all matches.
    private func build() {
        guard count > 0 else { return }
        losers[0] = winner(of: 1)
    }

    private func winner(of node: Int) -> Int {
        if node >= count { return node - count }
        let (left, right) = (winner(of: 2 * node), winner(of: 2 * node + 1))
        let isLeft = wins(left, right)
        losers[node] = isLeft ? right : left
        return isLeft ? left : right
    }
}
