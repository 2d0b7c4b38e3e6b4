/// Which rows and cells of a family to read, and in which order.
public struct Scan: Sendable {
    /// Where to start; empty for the first row (the last one, if reversed).
    public var start: [UInt8] = []
    /// Whether a row equal to `start` is read.
    public var startInclusive = true
    /// Where to stop; empty for no bound. Below `start` if reversed.
    public var stop: [UInt8] = []
    /// Whether a row equal to `stop` is read.
    public var stopInclusive = false
    /// Only rows that begin with this.
    public var prefix: [UInt8]?
    /// At most so many rows.
    public var limit: Int?
    /// At most so many versions of a column, newest first.
    public var maxVersions = 1
    /// Only versions whose timestamp lies in this range.
    public var timeRange: Range<UInt64>?
    /// Only these qualifiers; `nil` for all.
    public var columns: [[UInt8]]?
    /// Rows from the last to the first; the cells within a row keep their order.
    public var reversed = false
    /// Whether blocks read from disk are kept in the cache. Off for one-time scans of much data.
    public var fillCache = true

    /// All rows, the newest version of each column.
    public init() {}

    /// The rows that begin with `prefix`.
    public static func prefix(_ prefix: some Bytes) -> Scan {
        var scan = Scan()
        scan.prefix = prefix.withBytes { Array($0) }
        return scan
    }

    /// The same scan, going on behind the last row that `cursor` has seen.
    public func resumed(at cursor: ScanCursor) -> Scan {
        guard let row = cursor.lastRow else { return self }
        var scan = self
        scan.start = row
        scan.startInclusive = false
        return scan
    }
}

/// A place in a scan, to go on from later, on another thread or after a restart.
public struct ScanCursor: Sendable, Hashable {
    /// The last row given out; `nil` before the first.
    public var lastRow: [UInt8]?

    /// A cursor behind `lastRow`.
    public init(lastRow: [UInt8]? = nil) {
        self.lastRow = lastRow
    }
}
