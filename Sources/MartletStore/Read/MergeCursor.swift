/// Merges sorted runs into one, forward or backward: a loser tree (Knuth, TAOCP vol. 3, 5.4.1) whose
/// nodes compare cached row heads first.
///
/// A move costs one virtual call and about log2(k) comparisons for k runs, and allocates nothing.
struct MergeCursor {
    private let sources: [CellSource]
    /// `losers[0]` is the winner; the others are the losers of the matches at their tree nodes.
    private var losers: [Int]
    private var isForward = true

    /// - Parameter sources: newer runs first, which decides between cells that compare equal (they
    ///   can once garbage collection has zeroed their sequences).
    init(_ sources: [CellSource]) {
        self.sources = sources
        losers = Array(repeating: 0, count: max(1, sources.count))
    }

    /// Whether there is a current cell.
    @inline(__always)
    var isValid: Bool { !sources.isEmpty && sources[losers[0]].isValid }

    /// The current cell; its pointers are valid until the cursor moves.
    @inline(__always)
    var cell: CellReference { sources[losers[0]].cell }

    mutating func seek(_ position: CellPosition) throws(StoreError) {
        for source in sources { try source.seek(position) }
        build(forward: true)
    }

    mutating func seekBefore(_ position: CellPosition) throws(StoreError) {
        for source in sources { try source.seekBefore(position) }
        build(forward: false)
    }

    mutating func seekToFirst() throws(StoreError) {
        for source in sources { try source.seekToFirst() }
        build(forward: true)
    }

    mutating func seekToLast() throws(StoreError) {
        for source in sources { try source.seekToLast() }
        build(forward: false)
    }

    /// One cell forward. Only after a seek forward.
    @inline(__always)
    mutating func next() throws(StoreError) {
        assert(isForward, "a merge moves in the direction of its seek")
        let winner = losers[0]
        try sources[winner].next()
        if sources.count > 1 { replay(winner) }
    }

    /// One cell back. Only after a seek backward.
    @inline(__always)
    mutating func previous() throws(StoreError) {
        assert(!isForward, "a merge moves in the direction of its seek")
        let winner = losers[0]
        try sources[winner].previous()
        if sources.count > 1 { replay(winner) }
    }

    private mutating func build(forward: Bool) {
        isForward = forward
        guard sources.count > 1 else { return }
        let count = sources.count
        // Winners of the matches at nodes 1..<count; node n's children are 2n and 2n+1, and node
        // count + i is source i.
        var winners = [Int](repeating: 0, count: 2 * count)
        for source in 0..<count { winners[count + source] = source }
        for node in stride(from: count - 1, through: 1, by: -1) {
            let (left, right) = (winners[2 * node], winners[2 * node + 1])
            let leftWins = precedes(left, right)
            winners[node] = leftWins ? left : right
            losers[node] = leftWins ? right : left
        }
        losers[0] = winners[1]
    }

    /// `source` has moved: it plays its way up again.
    private mutating func replay(_ source: Int) {
        var winner = source
        var node = (source + sources.count) / 2
        while node >= 1 {
            let other = losers[node]
            if precedes(other, winner) {
                losers[node] = winner
                winner = other
            }
            node /= 2
        }
        losers[0] = winner
    }

    /// Whether source `a`'s cell comes before source `b`'s in the direction of the merge.
    @inline(__always)
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let (left, right) = (sources[a], sources[b])
        guard left.isValid else { return false }
        guard right.isValid else { return true }
        if left.head != right.head { return (left.head < right.head) == isForward }
        let order = CellOrder.compare(CellPosition(left.cell), CellPosition(right.cell))
        if order != 0 { return (order < 0) == isForward }
        return (a < b) == isForward
    }
}
