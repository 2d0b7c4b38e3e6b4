/// The range tombstones that a read must know, cut at each other's ends so that a row's are found
/// by one binary search, and the next rows of the same piece without any.
struct RangeTombstoneIndex {
    private struct Piece {
        var start: [UInt8]
        /// Sequences of the tombstones that cover the piece, newest first; empty between
        /// tombstones.
        var sequences: [UInt64]
    }

    private var pieces: [Piece] = []
    private var current = -1

    /// - Parameter sequence: tombstones behind it are not seen.
    init(_ tombstones: [RangeTombstone], visibleAt sequence: UInt64) {
        let seen = tombstones.filter { $0.sequence <= sequence }
        guard !seen.isEmpty else { return }
        var bounds = Set(seen.map(\.start))
        bounds.formUnion(seen.map(\.end).filter { !$0.isEmpty })
        pieces = bounds.sorted { $0.lexicographicallyPrecedes($1) }.map { start in
            let covering = seen.filter { tombstone in
                !start.lexicographicallyPrecedes(tombstone.start)
                    && (tombstone.end.isEmpty
                        || start.lexicographicallyPrecedes(tombstone.end))
            }
            return Piece(start: start, sequences: covering.map(\.sequence).sorted(by: >))
        }
    }

    var isEmpty: Bool { pieces.isEmpty }

    /// The sequences of the tombstones over `row`, newest first.
    mutating func covering(_ row: UnsafeRawBufferPointer) -> [UInt64] {
        guard !pieces.isEmpty else { return [] }
        if !isCurrent(row) { current = find(row) }
        return current < 0 ? [] : pieces[current].sequences
    }

    private func isCurrent(_ row: UnsafeRawBufferPointer) -> Bool {
        guard current >= 0, !begins(current, after: row) else { return false }
        return current + 1 == pieces.count || begins(current + 1, after: row)
    }

    private func begins(_ piece: Int, after row: UnsafeRawBufferPointer) -> Bool {
        pieces[piece].start.withBytes { CellOrder.compareBytes($0, row) > 0 }
    }

    /// The last piece that begins at or before `row`; -1 if there is none.
    private func find(_ row: UnsafeRawBufferPointer) -> Int {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if begins(middle, after: row) { high = middle } else { low = middle + 1 }
        }
        return low - 1
    }
}
