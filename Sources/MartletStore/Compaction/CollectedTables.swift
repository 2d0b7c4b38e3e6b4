/// Writes sorted cells into one or more tables of a level, dropping what no read can see any more.
///
/// A table ends between rows, so that a level stays a sorted run of whole rows. Range tombstones
/// are clipped to the rows between the tables' ends. Used by one thread.
final class CollectedTables {
    /// What the tables are to be.
    struct Settings {
        var family: Family
        var level: Int
        var compression: Compression
        /// Bytes at which the next row begins the next table.
        var fileSize: Int
        /// Sequences of the live snapshots, ascending.
        var snapshots: [UInt64]
        /// Whether any input deletes single versions.
        var hasVersionDeletes: Bool
        /// Tables of deeper levels; `nil` where nothing may be taken for the oldest.
        var below: [[TableHandle]]?
        var verifies: Bool
        /// Microseconds since 1970: what has expired by then may go.
        var now: UInt64
        /// Tables at most: the last one takes all that is left, however much.
        var tablesMax = Int.max
        /// The rows whose cells are added. Range tombstones are clipped to them.
        var rows = RowRange.all
    }

    /// Hears of each finished table and of the row at which the rest begins. What it returns says
    /// whether the writing goes on.
    typealias Listener = (TableMetadata, [UInt8]) throws(StoreError) -> Bool

    private let settings: Settings
    private let files: TableFiles
    private let nextIdentity: () -> TableIdentity
    private let listener: Listener
    private let rangeTombstones: [RangeTombstone]
    private var covering: RangeTombstoneIndex
    /// Those that stay.
    private var staying: RangeTombstoneIndex
    /// Whether a tombstone that stays covers the row: a cell without its sequence would be masked.
    private var isCovered = false
    private var bottom: BottomTracker?
    private var resolver: CollectionResolver
    private var row = RowBuffer()
    private var writer: TableWriter?
    private var writerNumber: UInt64 = 0
    private var finished: [TableMetadata] = []
    /// Whether the listener wants no more: what is added is left to others.
    private(set) var isStopped = false
    /// The row from which range tombstones are still to be written.
    private var tombstonesFrom: [UInt8] = []

    init(
        _ settings: Settings, files: TableFiles, rangeTombstones: [RangeTombstone],
        nextIdentity: @escaping () -> TableIdentity,
        listener: @escaping Listener = { (_, _) throws(StoreError) in true }
    ) {
        self.settings = settings
        self.files = files
        self.nextIdentity = nextIdentity
        self.listener = listener
        let rangeTombstones = rangeTombstones.compactMap { settings.rows.clip($0) }
        bottom = settings.below.map { BottomTracker($0) }
        covering = RangeTombstoneIndex(rangeTombstones, visibleAt: .max)
        resolver = CollectionResolver(
            snapshots: settings.snapshots, now: settings.now,
            maxVersions: settings.family.schema.maxVersions,
            timeToLive: settings.family.schema.timeToLive,
            hasVersionDeletes: settings.hasVersionDeletes)
        let oldest = settings.snapshots.first ?? .max
        let stays = rangeTombstones.filter { [bottom] tombstone in
            // At the bottom, what it masks is dropped by this very merge (C4).
            tombstone.sequence > oldest || bottom?.isBottom(tombstone) != true
        }
        self.rangeTombstones = stays
        staying = RangeTombstoneIndex(stays, visibleAt: .max)
    }

    /// Takes the next cell in order.
    func add(_ cell: CellReference) throws(StoreError) {
        if !row.equals(cell.row) { try begin(cell.row) }
        if isStopped { return }
        var kept = cell
        switch resolver.consume(cell) {
        case .drop: return
        case .keep: break
        case .keepZeroed: if !isCovered { kept.trailer &= 0xff }
        }
        if writer == nil { try beginTable() }
        try writer?.add(kept)
    }

    /// Writes what is left and says which tables there are now, all durable.
    func finish() throws(StoreError) -> [TableMetadata] {
        if !isStopped {
            let end = settings.rows.end
            if writer == nil, !tombstones(upTo: end).isEmpty { try beginTable() }
            try closeTable(before: end)
        }
        if !finished.isEmpty { try files.syncDirectory() }
        return finished
    }

    /// Removes what has been written, after an error.
    ///
    /// - Parameter keepsFinished: all but the unfinished table stays.
    func abandon(keepsFinished: Bool = false) {
        let unfinished = writer == nil ? [] : [writerNumber]
        writer = nil
        let done = keepsFinished ? [] : finished.map(\.number)
        for number in done + unfinished { files.discard(number) }
    }

    private func begin(_ next: UnsafeRawBufferPointer) throws(StoreError) {
        if let writer, writer.estimatedSize >= settings.fileSize,
            finished.count + 1 < settings.tablesMax
        {
            try closeTable(before: Array(next))
            if isStopped { return }
        }
        row.set(next)
        let isBottom = bottom?.isBottom(next) ?? false
        resolver.beginRow(
            isBottommost: isBottom,
            tombstones: covering.isEmpty ? [] : covering.covering(row.bytes))
        isCovered = !staying.isEmpty && !staying.covering(row.bytes).isEmpty
    }

    private func beginTable() throws(StoreError) {
        let identity = nextIdentity()
        writerNumber = identity.number
        let schema = settings.family.schema
        writer = TableWriter(
            file: try files.create(writerNumber),
            settings: TableSettings(
                tableID: identity.id, fileNumber: identity.number, tree: settings.family.id,
                compression: settings.compression, blockSize: schema.blockSize,
                filter: schema.filter, createdAt: settings.now))
    }

    /// Finishes the open table; the next one begins at `end` (empty: there is none).
    private func closeTable(before end: [UInt8]) throws(StoreError) {
        guard let writer else { return }
        for tombstone in tombstones(upTo: end) { try writer.addRangeTombstone(tombstone) }
        tombstonesFrom = end
        let properties = try writer.finish()
        let metadata = TableMetadata(
            properties, tree: settings.family.id, level: settings.level)
        finished.append(metadata)
        self.writer = nil
        if settings.verifies { try files.open(metadata).verify() }
        if try !listener(metadata, end) { isStopped = true }
    }

    /// The range tombstones between the last table's end and `end`, clipped.
    private func tombstones(upTo end: [UInt8]) -> [RangeTombstone] {
        rangeTombstones.compactMap { tombstone in
            var clipped = tombstone
            if clipped.start.lexicographicallyPrecedes(tombstonesFrom) {
                clipped.start = tombstonesFrom
            }
            if !end.isEmpty, clipped.end.isEmpty || end.lexicographicallyPrecedes(clipped.end) {
                clipped.end = end
            }
            let isEmpty =
                !clipped.end.isEmpty
                && !clipped.start.lexicographicallyPrecedes(clipped.end)
            return isEmpty ? nil : clipped
        }
    }
}

extension TableMetadata {
    /// What the manifest keeps of a finished table.
    init(_ properties: TableProperties, tree: UInt32, level: Int) {
        var smallest = properties.smallestRow
        var largest = properties.largestRow
        if properties.rangeTombstones > 0 {
            let start = properties.rangeTombstoneStart
            let end = properties.rangeTombstoneEnd
            if properties.cells == 0 || start.lexicographicallyPrecedes(smallest) {
                smallest = start
            }
            if end.isEmpty || largest.lexicographicallyPrecedes(end) { largest = end }
        }
        self.init(
            tree: tree, level: UInt8(level), number: properties.fileNumber,
            tableID: properties.tableID, size: properties.fileSize, smallestRow: smallest,
            largestRow: largest, minSequence: properties.minSequence,
            maxSequence: properties.maxSequence, cellCount: properties.cells,
            tombstoneCount: properties.tombstones,
            rangeTombstoneCount: properties.rangeTombstones,
            minTimestamp: properties.minTimestamp, maxTimestamp: properties.maxTimestamp,
            createdAt: properties.createdAt)
    }
}
