/// Decides for a read which cells of a family it shows: one snapshot, one moment, cells fed in
/// order, one row after the other (within a row forward, also in reversed scans).
///
/// No allocation per cell; a read that meets no deletes costs a few compares per cell.
package struct VisibilityResolver: ~Copyable {
    package enum Verdict: UInt8 {
        /// The cell belongs to the result.
        case show
        /// It does not.
        case skip
        /// Neither does any later cell of this column: the caller may seek past it.
        case skipColumn
    }

    /// The highest sequence that the read sees.
    package let snapshot: UInt64
    private let now: UInt64
    private let timeToLive: UInt64
    private let versions: Int
    private let oldest: UInt64
    private let newest: UInt64
    private var view: ColumnView
    private var column = ColumnName()
    private var shown = 0

    /// - Parameters:
    ///   - snapshot: cells with a higher sequence are not seen.
    ///   - now: microseconds since 1970; versions that expired by then are not shown.
    ///   - maxVersions: the family's; `nil` for all.
    ///   - timeToLive: the family's, microseconds.
    ///   - versions: how many versions of a column the read wants.
    ///   - timeRange: versions outside are not shown, but count as versions of the family.
    package init(
        snapshot: UInt64, now: UInt64, maxVersions: Int?, timeToLive: UInt64?,
        versions: Int = 1, timeRange: Range<UInt64>? = nil
    ) {
        self.snapshot = snapshot
        self.now = now
        self.timeToLive = timeToLive ?? .max
        self.versions = timeRange?.isEmpty == true ? 0 : versions
        oldest = timeRange?.lowerBound ?? 0
        newest = timeRange.map { $0.isEmpty ? 0 : $0.upperBound - 1 } ?? .max
        view = ColumnView(maxVersions: maxVersions)
    }

    /// A new row begins. `deletedBelow`: the highest sequence <= `snapshot` among the range
    /// tombstones that cover it; 0 if none does.
    @inline(__always)
    package mutating func beginRow(deletedBelow: UInt64 = 0) {
        view.beginRow(floor: deletedBelow, isPartial: false)
        column.clear()
    }

    /// The row's next cell.
    @inline(__always)
    package mutating func consume(_ cell: CellReference) -> Verdict {
        let sequence = cell.sequence
        if sequence > snapshot { return .skip }
        if column.changes(to: cell.qualifier) {
            view.beginColumn()
            shown = 0
        }
        let outcome = view.consume(
            timestamp: cell.timestamp, sequence: sequence, kind: cell.kindByte)
        guard outcome == .alive else {
            return view.floor == .max && !cell.qualifier.isEmpty ? .skipColumn : .skip
        }
        if cell.timestamp < oldest || shown >= versions {
            return cell.qualifier.isEmpty ? .skip : .skipColumn
        }
        if cell.timestamp > newest || Expiry.isExpired(cell, timeToLive, now) { return .skip }
        shown += 1
        return .show
    }
}

/// When a version stops to be shown.
enum Expiry {
    /// Whether the version's time is up by the family's or by its own time to live (0: has none).
    @inline(__always)
    static func isExpired(_ cell: CellReference, _ family: UInt64, _ now: UInt64) -> Bool {
        let own = cell.timeToLive == 0 ? UInt64.max : cell.timeToLive
        let least = min(own, family)
        if least == .max { return false }
        let (end, never) = cell.timestamp.addingReportingOverflow(least)
        return !never && end <= now
    }
}
