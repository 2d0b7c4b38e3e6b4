/// The cells of a sorted run of tables, one table open at a time.
final class LevelSource: CellSource {
    private let tables: [TableHandle]
    private let fillCache: Bool
    private var index = 0
    private var current: TableSource?

    var isValid: Bool { current?.isValid ?? false }

    var cell: CellReference {
        guard let current else { preconditionFailure("the source must stand on a cell") }
        return current.cell
    }

    /// - Parameter tables: by row, without overlap.
    init(_ tables: [TableHandle], fillCache: Bool) {
        self.tables = tables
        self.fillCache = fillCache
    }

    func seek(_ position: CellPosition) throws(StoreError) {
        guard
            try enter(
                TreeVersion.firstIndex(in: tables, reaching: position.row))
        else { return }
        try current?.seek(position)
        try settleForward()
    }

    func seekBefore(_ position: CellPosition) throws(StoreError) {
        // A table that begins with this very row may still hold cells before the position.
        let last = lastBeginning(atOrBefore: position.row)
        guard try enter(last) else { return }
        try current?.seekBefore(position)
        try settleBackward()
    }

    func seekToFirst() throws(StoreError) {
        guard try enter(0) else { return }
        try current?.seekToFirst()
        try settleForward()
    }

    func seekToLast() throws(StoreError) {
        guard try enter(tables.count - 1) else { return }
        try current?.seekToLast()
        try settleBackward()
    }

    func next() throws(StoreError) {
        try current?.next()
        try settleForward()
    }

    func previous() throws(StoreError) {
        try current?.previous()
        try settleBackward()
    }

    /// Goes on to the next table while the current one is at its end.
    private func settleForward() throws(StoreError) {
        while let source = current, !source.isValid {
            guard try enter(index + 1) else { return }
            try current?.seekToFirst()
        }
    }

    private func settleBackward() throws(StoreError) {
        while let source = current, !source.isValid {
            guard try enter(index - 1) else { return }
            try current?.seekToLast()
        }
    }

    private func enter(_ wanted: Int) throws(StoreError) -> Bool {
        guard tables.indices.contains(wanted) else {
            current = nil
            return false
        }
        if wanted != index || current == nil {
            current = try TableSource(tables[wanted], fillCache: fillCache)
            index = wanted
        }
        return true
    }

    /// The last table whose smallest row is at or before `row`; -1 if there is none.
    private func lastBeginning(atOrBefore row: UnsafeRawBufferPointer) -> Int {
        var low = 0
        var high = tables.count
        while low < high {
            let middle = (low + high) / 2
            let smallest = tables[middle].metadata.smallestRow
            let isBehind = smallest.withBytes { CellOrder.compareBytes($0, row) } > 0
            if isBehind { high = middle } else { low = middle + 1 }
        }
        return low - 1
    }
}
