/// A live table file: its place in the tree, and its reader, opened on first use.
///
/// The file is removed when the last version that names it is gone and it was marked obsolete,
/// which happens only after the manifest edit that drops it is durable (F2).
///
/// `@unchecked Sendable`: `opened` and `isObsolete` are touched under `monitor` only.
final class TableHandle: @unchecked Sendable {
    let metadata: TableMetadata
    private let files: TableFiles
    private let monitor = Monitor()
    private var opened: TableReader?
    private var isObsolete = false

    init(_ metadata: TableMetadata, files: TableFiles) {
        self.metadata = metadata
        self.files = files
    }

    deinit {
        if isObsolete { files.remove(metadata) }
    }

    /// The table's reader. Throws `.io` or `.corruption` where the file cannot be opened.
    func reader() throws(StoreError) -> TableReader {
        try monitor.withLock { () throws(StoreError) -> TableReader in
            if let opened { return opened }
            let reader = try files.open(metadata)
            opened = reader
            return reader
        }
    }

    /// The table's reader if it is open already, and nobody is at opening it. Never blocks.
    var openedReader: TableReader? {
        guard monitor.tryLock() else { return nil }
        defer { monitor.unlock() }
        return opened
    }

    /// The file goes with its last reader.
    func markObsolete() {
        monitor.withLock { isObsolete = true }
    }

    /// Whether a row of the table may lie in `start...end`; empty bounds are open.
    func overlaps(from start: UnsafeRawBufferPointer, through end: UnsafeRawBufferPointer) -> Bool {
        if !end.isEmpty, metadata.smallestRow.withBytes({ CellOrder.compareBytes($0, end) }) > 0 {
            return false
        }
        return reaches(start)
    }

    /// Whether the table has a row at or behind `row`, as far as its bounds tell.
    func reaches(_ row: UnsafeRawBufferPointer) -> Bool {
        if row.isEmpty || metadata.largestRow.isEmpty { return true }
        return metadata.largestRow.withBytes { CellOrder.compareBytes($0, row) } >= 0
    }
}

/// Where table files live and how they are opened and removed.
struct TableFiles: Sendable {
    let directory: String
    let environment: Environment
    let cache: BlockCache

    func path(_ number: UInt64) -> String {
        "\(directory)/\(FileName.table(number))"
    }

    func open(_ metadata: TableMetadata) throws(StoreError) -> TableReader {
        let file = try environment.fileSystem.open(path(metadata.number), .read)
        return try TableReader.open(file: file, cache: cache, expecting: metadata.tableID)
    }

    /// An empty file for a new table. Its name is durable only after `syncDirectory`.
    func create(_ number: UInt64) throws(StoreError) -> any File {
        try environment.fileSystem.open(path(number), .create)
    }

    func syncDirectory() throws(StoreError) {
        try environment.fileSystem.syncDirectory(directory)
    }

    /// Removes a file that nothing names. A leftover is found and removed at the next open.
    func discard(_ number: UInt64) {
        try? environment.fileSystem.remove(path(number))
    }

    func remove(_ metadata: TableMetadata) {
        let path = path(metadata.number)
        let fileSystem = environment.fileSystem
        let cache = cache
        environment.background.submit(.flush) {
            // A leftover is found and removed at the next open.
            try? fileSystem.remove(path)
            cache.removeAll(table: metadata.tableID)
        }
    }
}
