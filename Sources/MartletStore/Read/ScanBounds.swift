/// The rows that a scan reads as one half-open range, whatever way it was said.
struct ScanBounds {
    /// The first row; empty for the first of all.
    private(set) var lower: [UInt8]
    /// The first row behind; empty for none.
    private(set) var upper: [UInt8]
    /// Whether no row can lie in the range.
    let isEmpty: Bool

    init(_ scan: Scan) {
        let first = scan.reversed ? scan.stop : scan.start
        let isFirstIn = scan.reversed ? scan.stopInclusive : scan.startInclusive
        let last = scan.reversed ? scan.start : scan.stop
        let isLastIn = scan.reversed ? scan.startInclusive : scan.stopInclusive
        lower = first.isEmpty || isFirstIn ? first : Self.successor(of: first)
        upper = last.isEmpty || !isLastIn ? last : Self.successor(of: last)
        if let prefix = scan.prefix, !prefix.isEmpty {
            if lower.lexicographicallyPrecedes(prefix) { lower = prefix }
            let end = Self.end(ofPrefix: prefix)
            if upper.isEmpty || (!end.isEmpty && end.lexicographicallyPrecedes(upper)) {
                upper = end
            }
        }
        isEmpty = !upper.isEmpty && !lower.lexicographicallyPrecedes(upper)
    }

    /// Exactly one row.
    init(row: [UInt8]) {
        lower = row
        upper = Self.successor(of: row)
        isEmpty = false
    }

    /// The next row in byte order.
    private static func successor(of row: [UInt8]) -> [UInt8] { row + [0] }

    /// The first row behind all that begin with `prefix`; empty if there is none.
    static func end(ofPrefix prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            if last < 0xff { return end + [last + 1] }
        }
        return []
    }
}
