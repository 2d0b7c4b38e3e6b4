/// Whether nothing older can lie below a compaction's output for a row. Asked row by row in order.
struct BottomTracker {
    private let below: [[TableHandle]]
    private var next: [Int]

    /// - Parameter below: the tables of each deeper level, by row.
    init(_ below: [[TableHandle]]) {
        self.below = below.filter { !$0.isEmpty }
        next = Array(repeating: 0, count: self.below.count)
    }

    /// Whether no table below has `row`. Rows must come in ascending order.
    mutating func isBottom(_ row: UnsafeRawBufferPointer) -> Bool {
        var isBottom = true
        for level in below.indices {
            while next[level] < below[level].count, !below[level][next[level]].reaches(row) {
                next[level] += 1
            }
            guard next[level] < below[level].count else { continue }
            let smallest = below[level][next[level]].metadata.smallestRow
            if smallest.withBytes({ CellOrder.compareBytes($0, row) }) <= 0 { isBottom = false }
        }
        return isBottom
    }

    /// Whether no table below shares a row with the tombstone.
    func isBottom(_ tombstone: RangeTombstone) -> Bool {
        tombstone.start.withBytes { start in
            tombstone.end.withBytes { end in
                below.allSatisfy { $0.allSatisfy { !$0.overlaps(from: start, through: end) } }
            }
        }
    }
}
