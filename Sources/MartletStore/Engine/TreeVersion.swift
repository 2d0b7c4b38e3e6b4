/// The tables of one tree at one moment, immutable.
struct TreeVersion: Sendable {
    /// Levels of a tree: 0 holds what flushes wrote, overlapping; the others are sorted runs.
    static let levelCount = 7

    /// Level 0 newest first; every other level by row, without overlap.
    private(set) var levels: [[TableHandle]]
    /// The tables with range tombstones, which every read of their rows must know.
    private(set) var withRangeTombstones: [TableHandle]

    init(_ tables: [TableHandle] = []) {
        levels = Array(repeating: [], count: Self.levelCount)
        for table in tables { levels[Int(table.metadata.level)].append(table) }
        levels[0].sort { $0.metadata.number > $1.metadata.number }
        for level in 1..<Self.levelCount {
            levels[level].sort {
                let (left, right) = ($0.metadata, $1.metadata)
                return left.smallestRow.lexicographicallyPrecedes(right.smallestRow)
            }
        }
        withRangeTombstones = tables.filter { $0.metadata.rangeTombstoneCount > 0 }
    }

    var tables: [TableHandle] { levels.flatMap { $0 } }

    /// The version after one edit.
    func replacing(_ removed: Set<UInt64>, with added: [TableHandle]) -> TreeVersion {
        TreeVersion(tables.filter { !removed.contains($0.metadata.number) } + added)
    }

    /// The first table of a sorted level that has a row at or behind `row`, as far as bounds tell.
    static func first(
        in tables: [TableHandle], reaching row: UnsafeRawBufferPointer
    ) -> TableHandle? {
        let index = firstIndex(in: tables, reaching: row)
        return index < tables.count ? tables[index] : nil
    }

    /// As `first`; the count if there is none.
    static func firstIndex(
        in tables: [TableHandle], reaching row: UnsafeRawBufferPointer
    ) -> Int {
        var low = 0
        var high = tables.count
        while low < high {
            let middle = (low + high) / 2
            if tables[middle].reaches(row) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func bytes(_ level: Int) -> UInt64 {
        levels[level].reduce(0) { $0 + $1.metadata.size }
    }

    /// The deepest level with a table; 0 if there is none.
    var lastLevel: Int {
        levels.lastIndex { !$0.isEmpty } ?? 0
    }
}
