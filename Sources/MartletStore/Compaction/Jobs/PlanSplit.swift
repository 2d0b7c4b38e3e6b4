/// Cuts a plan's rows into parts of about the same size, at the first rows of input tables.
struct PlanSplit {
    let ranges: [RowRange]

    /// - Parameters:
    ///   - parts: how many are wanted; there may be fewer.
    ///   - bytesMin: bytes that are worth a part.
    init(_ tables: [TableMetadata], parts: Int, bytesMin: UInt64) {
        let total = tables.reduce(0) { $0 + $1.size }
        let wanted = min(UInt64(max(parts, 1)), total / max(bytesMin, 1))
        guard wanted > 1 else {
            ranges = [.all]
            return
        }
        let sorted = tables.sorted { $0.smallestRow.lexicographicallyPrecedes($1.smallestRow) }
        let share = total / wanted
        var bounds: [[UInt8]] = []
        var before: UInt64 = 0
        var last = sorted.first?.smallestRow ?? []
        for table in sorted {
            let isFurther = last.lexicographicallyPrecedes(table.smallestRow)
            let isShort = bounds.count + 1 < wanted
            if isFurther, isShort, before >= share * UInt64(bounds.count + 1) {
                bounds.append(table.smallestRow)
                last = table.smallestRow
            }
            before += table.size
        }
        ranges = zip([[]] + bounds, bounds + [[]]).map { RowRange(start: $0, end: $1) }
    }
}
