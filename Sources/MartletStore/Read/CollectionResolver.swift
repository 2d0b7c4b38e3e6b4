/// Decides for a compaction which cells stay: those that some live snapshot, or the latest state,
/// needs. Fed as `VisibilityResolver`, with the cells of all sequences.
///
/// A stripe is what lies between two live snapshots; a cell is judged in the oldest view that has
/// it: dead there, it is dead in every later one. Cells that no view shows may still be evidence:
/// a version that was deleted by itself has pushed out older ones, which may lie in tables outside
/// of this compaction, or be kept here for an older snapshot.
package struct CollectionResolver: ~Copyable {
    package enum Verdict: UInt8 {
        case drop
        case keep
        /// Keep the put with sequence 0: it is older than every snapshot and alone.
        case keepZeroed
    }

    private let snapshots: [UInt64]
    private let oldest: UInt64
    private let now: UInt64
    private let timeToLive: UInt64
    private let maxVersions: Int?
    private let hasVersionDeletes: Bool
    /// `views[i]` is what `snapshots[i]` sees; the last one is the latest state.
    private var views: [ColumnView]
    private var column = ColumnName()
    private var isBottommost = false
    private var keptTimestamp: UInt64?

    /// - Parameters:
    ///   - snapshots: the live ones, ascending. New ones must not be below the inputs' sequences.
    ///   - now: microseconds since 1970; must not be ahead of any later read's clock.
    ///   - hasVersionDeletes: whether any input has `deleteVersion` cells (tables and memtables
    ///     count them): if so, replaced versions are kept as evidence where more than one is.
    package init(
        snapshots: [UInt64], now: UInt64, maxVersions: Int?, timeToLive: UInt64?,
        hasVersionDeletes: Bool
    ) {
        self.snapshots = snapshots
        oldest = snapshots.first ?? .max
        self.now = now
        self.maxVersions = maxVersions
        self.timeToLive = timeToLive ?? .max
        self.hasVersionDeletes = hasVersionDeletes
        views = Array(
            repeating: ColumnView(maxVersions: maxVersions), count: snapshots.count + 1)
    }

    /// A new row begins.
    ///
    /// - Parameters:
    ///   - isBottommost: no table or memtable outside of the compaction has older cells of the row.
    ///   - tombstones: sequences of the inputs' range tombstones that cover it, in any order.
    @inline(__always)
    package mutating func beginRow(isBottommost: Bool, tombstones: [UInt64] = []) {
        self.isBottommost = isBottommost
        column.clear()
        for index in views.indices {
            var floor: UInt64 = 0
            if !tombstones.isEmpty {
                let snapshot = index < snapshots.count ? snapshots[index] : .max
                for sequence in tombstones where sequence <= snapshot {
                    floor = max(floor, sequence)
                }
            }
            views[index].beginRow(floor: floor, isPartial: !isBottommost)
        }
    }

    /// Whether a range tombstone may be dropped, if every row of it is bottommost.
    package func dropsTombstone(sequence: UInt64) -> Bool { sequence <= oldest }

    /// The row's next cell.
    @inline(__always)
    package mutating func consume(_ cell: CellReference) -> Verdict {
        if column.changes(to: cell.qualifier) {
            for index in views.indices { views[index].beginColumn() }
            keptTimestamp = nil
        }
        let verdict = judge(cell, outcome(cell))
        if verdict != .drop { keptTimestamp = cell.timestamp }
        return verdict
    }

    /// Feeds the cell to every view that has it; what it is in the oldest of them.
    @inline(__always)
    private mutating func outcome(_ cell: CellReference) -> ColumnView.Outcome {
        let sequence = cell.sequence
        var index = views.count - 1
        while true {
            let outcome = views[index].consume(
                timestamp: cell.timestamp, sequence: sequence, kind: cell.kindByte)
            if index == 0 || snapshots[index - 1] < sequence { return outcome }
            index -= 1
        }
    }

    @inline(__always)
    private func judge(
        _ cell: CellReference, _ outcome: ColumnView.Outcome
    ) -> Verdict {
        /// All that is older is in this compaction, and in no older stripe.
        let isLast = isBottommost && cell.sequence <= oldest
        switch outcome {
        case .tombstone:
            return isLast ? .drop : .keep
        case .gone:
            return .drop
        case .replaced:
            let isEvidence = hasVersionDeletes && (maxVersions ?? 1) > 1
            return isEvidence && !isLast && !isExpired(cell) ? .keep : .drop
        case .versionDeleted:
            return maxVersions != nil && !isLast && !isExpired(cell) ? .keep : .drop
        case .alive:
            // A version that expired by its own time still counts as one, until it is collected:
            // which is not while a snapshot could see the difference.
            let mayForget = isLast && (maxVersions == nil || snapshots.isEmpty)
            if isExpired(cell) || (mayForget && Expiry.isExpired(cell, .max, now)) {
                return .drop
            }
            return isLast && keptTimestamp != cell.timestamp ? .keepZeroed : .keep
        }
    }

    /// By the family's time to live: all older versions of the column are then expired as well.
    @inline(__always)
    private func isExpired(_ cell: CellReference) -> Bool {
        if timeToLive == .max { return false }
        let (end, never) = cell.timestamp.addingReportingOverflow(timeToLive)
        return !never && end <= now
    }
}
