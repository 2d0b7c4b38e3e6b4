/// What one compaction reads and where it writes.
struct CompactionPlan {
    /// Why it was picked; in the logs and the statistics.
    enum Reason: String {
        case levelZero, levelSize, tombstones, expired, manual
    }

    let reason: Reason
    /// Input tables, level by level; level 0 newest first, others by row.
    let inputs: [(level: Int, tables: [TableHandle])]
    let outputLevel: Int
    /// Tables below the output level that share rows with the inputs.
    let below: [[TableHandle]]

    var tables: [TableHandle] { inputs.flatMap(\.tables) }
    var bytes: UInt64 { tables.reduce(0) { $0 + $1.metadata.size } }
}

/// The rows that a set of tables spans; an empty `end` is unbounded.
struct RowSpan {
    private(set) var start: [UInt8]
    private(set) var end: [UInt8]

    init?(_ tables: [TableHandle]) {
        guard let first = tables.first else { return nil }
        start = first.metadata.smallestRow
        end = first.metadata.largestRow
        for table in tables.dropFirst() {
            let metadata = table.metadata
            if metadata.smallestRow.lexicographicallyPrecedes(start) {
                start = metadata.smallestRow
            }
            let isUnbounded = end.isEmpty || metadata.largestRow.isEmpty
            if isUnbounded {
                end = []
            } else if end.lexicographicallyPrecedes(metadata.largestRow) {
                end = metadata.largestRow
            }
        }
    }

    /// The tables among `tables` that share rows with the span.
    func overlapping(_ tables: [TableHandle]) -> [TableHandle] {
        start.withBytes { start in
            end.withBytes { end in tables.filter { $0.overlaps(from: start, through: end) } }
        }
    }
}
