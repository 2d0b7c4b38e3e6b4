/// What all cells of a store come to at one moment, range by range: equal for two stores that show
/// the same to every reader, whatever each has flushed or compacted. Holds N7.
public struct StoreDigest: Sendable, Hashable {
    /// Some rows of one family, in order and none left out.
    public struct Range: Sendable, Hashable {
        /// The family's table.
        public var table: String
        /// The family's name.
        public var family: String
        /// The first row with a cell.
        public var firstRow: [UInt8]
        /// The last one.
        public var lastRow: [UInt8]
        /// Cells in all versions.
        public var cells: UInt64
        /// What they come to.
        public var value: DigestValue
    }

    /// Cells at which a range ends, unless another number is asked for.
    public static let cellsPerRange = 65_536

    /// The last sequence that it covers.
    public var sequence: UInt64
    /// By family in the order of their making, and by row.
    public var ranges: [Range]

    /// The first range in which two digests differ, with what each has there.
    public func firstDifference(to other: StoreDigest) -> (Range?, Range?)? {
        for index in 0..<max(ranges.count, other.ranges.count) {
            let ours = index < ranges.count ? ranges[index] : nil
            let theirs = index < other.ranges.count ? other.ranges[index] : nil
            if ours != theirs { return (ours, theirs) }
        }
        return nil
    }
}

/// 128 bits.
public struct DigestValue: Sendable, Hashable, CustomStringConvertible {
    /// The first 16 digits.
    public var high: UInt64
    /// The last 16.
    public var low: UInt64

    /// 32 hexadecimal digits.
    public var description: String {
        [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
