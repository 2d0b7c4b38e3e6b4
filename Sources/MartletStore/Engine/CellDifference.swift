/// The first cell that two stores do not have in common.
package struct CellDifference: Sendable, Hashable {
    /// What one of them has there.
    package struct Content: Sendable, Hashable {
        package var value: [UInt8]
        /// Microseconds; 0 for none of its own.
        package var timeToLive: UInt64
    }

    package var row: [UInt8]
    package var qualifier: [UInt8]
    /// Microseconds since 1970.
    package var timestamp: UInt64
    /// Of the first store; `nil` where it has no such cell.
    package var ours: Content?
    /// Of the second.
    package var theirs: Content?

    /// Reads the rows of two ranges in both stores, side by side, up to the first difference.
    static func first(
        in ranges: (StoreDigest.Range?, StoreDigest.Range?), of stores: (Store, Store),
        at sequence: UInt64, now: UInt64
    ) throws(StoreError) -> CellDifference? {
        // The two may be of two families, where one store has nothing more of the first.
        let found = [(ranges.0, stores.0), (ranges.1, stores.1)].compactMap { range, store in
            range.flatMap { range in Side.family(of: range, in: store).map { (range, $0) } }
        }
        guard let family = found.map(\.1).min(by: { $0.id < $1.id }) else { return nil }
        let rows = found.filter { $0.1.id == family.id }.map(\.0)
        var sides: [Side] = []
        for store in [stores.0, stores.1] { sides.append(try Side(store, rows, sequence, now)) }
        while true {
            let order = Side.compare(sides[0].cell, sides[1].cell)
            guard let cell = order <= 0 ? sides[0].cell : sides[1].cell else { return nil }
            let contents = (
                order <= 0 ? sides[0].content : nil, order >= 0 ? sides[1].content : nil
            )
            guard contents.0 == contents.1 else {
                return CellDifference(
                    row: Array(cell.row), qualifier: Array(cell.qualifier),
                    timestamp: cell.timestamp, ours: contents.0, theirs: contents.1)
            }
            for index in sides.indices { try sides[index].step() }
        }
    }
}

/// One store's cells of the rows in question.
private struct Side {
    private let reader: TreeReader?
    private(set) var cell: CellReference?

    static func family(of range: StoreDigest.Range, in store: Store) -> Family? {
        let families = store.tables.first { $0.name == range.table }?.families ?? []
        return families.first { $0.schema.name == range.family }
    }

    init(
        _ store: Store, _ ranges: [StoreDigest.Range], _ sequence: UInt64, _ now: UInt64
    ) throws(StoreError) {
        guard let family = ranges.first.flatMap({ Self.family(of: $0, in: store) }) else {
            reader = nil
            return
        }
        var scan = Scan()
        scan.maxVersions = .max
        scan.fillCache = false
        scan.start = ranges.map(\.firstRow).min { $0.lexicographicallyPrecedes($1) } ?? []
        scan.stop = ranges.map(\.lastRow).max { $0.lexicographicallyPrecedes($1) } ?? []
        scan.stopInclusive = true
        reader = try TreeReader(
            try store.view(of: family), family, scan, bounds: ScanBounds(scan), point: false,
            sequence: sequence, now: now)
        try step()
    }

    mutating func step() throws(StoreError) { cell = try reader?.next() }

    var content: CellDifference.Content? {
        cell.map { CellDifference.Content(value: Array($0.value), timeToLive: $0.timeToLive) }
    }

    /// Which comes first; what has ended comes last.
    static func compare(_ one: CellReference?, _ other: CellReference?) -> Int {
        switch (one, other) {
        case (let one?, let other?):
            var positions = (CellPosition(one), CellPosition(other))
            (positions.0.trailer, positions.1.trailer) = (0, 0)
            return CellOrder.compare(positions.0, positions.1)
        case (.some, nil): return -1
        case (nil, .some): return 1
        case (nil, nil): return 0
        }
    }
}
