/// Reads one tree at one sequence: bounds, merge, visibility, in either direction, cell by cell.
///
/// Used by one thread, and no method is entered while another runs, so the dynamic exclusivity
/// checks (a fifth of a scan's time) are off for its state.
final class TreeReader {
    private let view: TreeView
    private let family: Family
    private let scan: Scan
    private let bounds: ScanBounds
    private let sequence: UInt64
    private let merge: MergeCursor
    @exclusivity(unchecked) private var resolver: VisibilityResolver
    @exclusivity(unchecked) private var tombstones: RangeTombstoneIndex
    @exclusivity(unchecked) private var row = RowBuffer()
    @exclusivity(unchecked) private var scratch = CellScratch()
    @exclusivity(unchecked) private var visible: [Int] = []
    @exclusivity(unchecked) private var nextVisible = 0
    @exclusivity(unchecked) private var isStarted = false
    @exclusivity(unchecked) private var isEnded: Bool
    @exclusivity(unchecked) private var hasCurrent = false
    @exclusivity(unchecked) private var rowsShown = 0
    @exclusivity(unchecked) private var rowIsShown = false

    /// - Parameters:
    ///   - point: whether exactly the row `bounds.lower` is read, so that row filters apply.
    init(
        _ view: TreeView, _ family: Family, _ scan: Scan, bounds: ScanBounds, point: Bool,
        sequence: UInt64, now: UInt64
    ) throws(StoreError) {
        self.view = view
        self.family = family
        self.scan = scan
        self.bounds = bounds
        self.sequence = sequence
        isEnded = bounds.isEmpty || scan.limit == 0
        let sources = SourceSelection(
            view: view, schema: family.schema, bounds: bounds, prefix: scan.prefix, point: point,
            fillCache: scan.fillCache)
        merge = MergeCursor(try sources.sources())
        tombstones = RangeTombstoneIndex(
            try sources.rangeTombstones(), visibleAt: sequence)
        resolver = VisibilityResolver(
            snapshot: sequence, now: now, maxVersions: family.schema.maxVersions,
            timeToLive: family.schema.timeToLive, versions: scan.maxVersions,
            timeRange: scan.timeRange)
    }

    /// The next visible cell, valid until the next call; `nil` at the end.
    func next() throws(StoreError) -> CellReference? {
        scan.reversed ? try nextReversed() : try nextForward()
    }

    private func nextForward() throws(StoreError) -> CellReference? {
        if isEnded { return nil }
        if !isStarted { try start() }
        if hasCurrent { try merge.next() }
        hasCurrent = false
        while merge.isValid {
            let cell = merge.cell
            if !row.equals(cell.row) {
                guard begin(cell.row) else { break }
            }
            if resolver.consume(cell) == .show, isSelected(cell) {
                if !rowIsShown { rowsShown += 1 }
                rowIsShown = true
                hasCurrent = true
                return cell
            }
            try merge.next()
        }
        isEnded = true
        return nil
    }

    private func nextReversed() throws(StoreError) -> CellReference? {
        if !isStarted, !isEnded { try start() }
        while nextVisible == visible.count {
            if isEnded { return nil }
            try gatherRow()
        }
        defer { nextVisible += 1 }
        return scratch[visible[nextVisible]]
    }

    /// Collects the row that ends at the merge's current cell, and moves in front of it.
    private func gatherRow() throws(StoreError) {
        visible.removeAll(keepingCapacity: true)
        nextVisible = 0
        scratch.removeAll()
        guard merge.isValid, begin(merge.cell.row) else {
            isEnded = true
            return
        }
        while merge.isValid, row.equals(merge.cell.row) {
            if merge.cell.sequence <= sequence { scratch.append(merge.cell) }
            try merge.previous()
        }
        for index in stride(from: scratch.count - 1, through: 0, by: -1) {
            let cell = scratch[index]
            if resolver.consume(cell) == .show, isSelected(cell) { visible.append(index) }
        }
        if !visible.isEmpty { rowsShown += 1 }
    }

    private func start() throws(StoreError) {
        isStarted = true
        if scan.reversed {
            if bounds.upper.isEmpty { return try merge.seekToLast() }
            try bounds.upper.withBytes { (upper) throws(StoreError) in
                try merge.seekBefore(CellPosition(startOf: upper))
            }
        } else {
            if bounds.lower.isEmpty { return try merge.seekToFirst() }
            try bounds.lower.withBytes { (lower) throws(StoreError) in
                try merge.seek(CellPosition(startOf: lower))
            }
        }
    }

    /// Enters a row; false if it is out of bounds or one more than asked for.
    private func begin(_ next: UnsafeRawBufferPointer) -> Bool {
        if let limit = scan.limit, rowsShown >= limit { return false }
        let isInside =
            scan.reversed
            ? bounds.lower.withBytes { CellOrder.compareBytes(next, $0) } >= 0
            : bounds.upper.isEmpty
                || bounds.upper.withBytes { CellOrder.compareBytes(next, $0) } < 0
        guard isInside else { return false }
        row.set(next)
        rowIsShown = false
        resolver.beginRow(
            deletedBelow: tombstones.isEmpty ? 0 : tombstones.covering(row.bytes).first ?? 0)
        return true
    }

    @inline(__always)
    private func isSelected(_ cell: CellReference) -> Bool {
        guard let columns = scan.columns else { return true }
        return columns.contains { column in
            column.withBytes { CellOrder.compareBytes($0, cell.qualifier) } == 0
        }
    }
}
