/// Makes a store's directory out of another store's files: whole under its name, or not there.
///
/// Everything is written to `TARGET.partial`, synced, and that is renamed; so a crash at any step
/// leaves no target, or all of it. A partial directory that a crash left is cleared by the next
/// attempt; nothing but a store's own files is ever removed from it. It has a `CURRENT` from the
/// moment on at which it is whole and durable, and never again once the clearing has begun: so one
/// that is whole can be given its name by whoever opens the target and finds none.
struct StoreCopy {
    let fileSystem: any FileSystem
    let target: String
    let partial: String
    var report: CheckpointReport
    private var lock: (any FileLock)?

    /// - Parameter target: the directory to be; the one above it must exist.
    init(_ environment: Environment, target: String, report: CheckpointReport) {
        fileSystem = environment.fileSystem
        self.target = target
        partial = target + ".partial"
        self.report = report
    }

    var tableDirectory: String { "\(partial)/\(FileName.tableDirectory)" }
    var logDirectory: String { "\(partial)/\(FileName.logDirectory)" }

    /// Makes the empty partial directory and takes its lock, so that nobody else fills it.
    ///
    /// - Parameter bytes: what will at least be written.
    mutating func begin(bytes: UInt64) throws(StoreError) {
        let parent = StoreOpener.parent(of: target)
        try requireSpace(bytes, in: parent)
        try fileSystem.createDirectory(partial)
        lock = try fileSystem.lock("\(partial)/\(FileName.lock)", owner: "a copy to \(target)")
        try clear()
        try fileSystem.createDirectory(tableDirectory)
        try fileSystem.createDirectory(logDirectory)
    }

    func requireSpace(_ bytes: UInt64, in directory: String) throws(StoreError) {
        let free = try fileSystem.freeSpace(directory)
        guard free > bytes else {
            throw StoreError(
                .noSpace, "\(bytes) bytes are needed and \(free) are free", path: directory)
        }
    }

    /// Gives the tables of `state` a second name, or copies them where that cannot be.
    mutating func add(
        tablesOf state: ManifestState, from directory: String,
        proceed: () throws(StoreError) -> Void
    ) throws(StoreError) {
        let tables = state.files.values.flatMap(\.values).flatMap(\.values)
            .sorted { $0.number < $1.number }
        var links = true
        for (index, table) in tables.enumerated() {
            try proceed()
            let name = FileName.table(table.number)
            let (source, copy) = ("\(directory)/\(name)", "\(tableDirectory)/\(name)")
            if links {
                do throws(StoreError) {
                    try fileSystem.link(source, to: copy)
                    report.linkedTables += 1
                    continue
                } catch {
                    guard error.code == .unsupported else { throw error }
                    links = false
                    try requireSpace(
                        tables[index...].reduce(0) { $0 + $1.size }, in: tableDirectory)
                }
            }
            report.copiedBytes += try fileSystem.copy(source, to: copy, proceed: proceed)
        }
        report.tables = tables.count
    }

    /// Writes the manifest and makes the whole directory durable, still under its partial name.
    mutating func finish(_ state: ManifestState) throws(StoreError) {
        try fileSystem.syncDirectory(tableDirectory)
        try fileSystem.syncDirectory(logDirectory)
        _ = try ManifestWriter(fileSystem, directory: partial, number: 1, state: state)
        try fileSystem.syncDirectory(partial)
        // Its name too, before what is at the target may be moved out of the way.
        try fileSystem.syncDirectory(StoreOpener.parent(of: target))
        report.epoch = state.epoch
    }

    /// Gives a finished copy its name, where a crash came in between; nothing without one.
    ///
    /// Throws `.locked` while somebody is still at it.
    static func adopt(_ target: String, _ environment: Environment) throws(StoreError) {
        let fileSystem = environment.fileSystem
        let partial = target + ".partial"
        guard !fileSystem.exists(target), fileSystem.exists("\(partial)/\(FileName.current)")
        else { return }
        let lock = try fileSystem.lock(
            "\(partial)/\(FileName.lock)", owner: LockOwner.text(since: environment.clock.now()))
        defer { withExtendedLifetime(lock) {} }
        try fileSystem.rename(partial, to: target)
        try fileSystem.syncDirectory(StoreOpener.parent(of: target))
    }

    /// Gives the finished directory its name.
    mutating func commit() throws(StoreError) {
        try fileSystem.rename(partial, to: target)
        lock = nil
        try fileSystem.syncDirectory(StoreOpener.parent(of: target))
    }

    /// Removes what was made so far, as far as that works.
    mutating func abandon() {
        guard lock != nil else { return }
        try? clear()
        lock = nil
        try? fileSystem.remove("\(partial)/\(FileName.lock)")
        try? fileSystem.removeDirectory(partial)
    }

    /// Removes a store's files from the partial directory. Throws `.alreadyExists` where there are
    /// others.
    private func clear() throws(StoreError) {
        let current = "\(partial)/\(FileName.current)"
        if fileSystem.exists(current) {
            try fileSystem.remove(current)
            try fileSystem.syncDirectory(partial)
        }
        for directory in [tableDirectory, logDirectory] where fileSystem.exists(directory) {
            for name in try fileSystem.list(directory) {
                let isOurs =
                    FileName.tableNumber(name) != nil || LogFormat.segment(ofName: name) != nil
                try remove("\(directory)/\(name)", isOurs)
            }
            try fileSystem.removeDirectory(directory)
        }
        for name in try fileSystem.list(partial) where name != FileName.lock {
            let isOurs =
                ManifestName.number(of: name) != nil
                || [ManifestName.current, ManifestName.temporary].contains(name)
            try remove("\(partial)/\(name)", isOurs)
        }
    }

    private func remove(_ path: String, _ isOurs: Bool) throws(StoreError) {
        guard isOurs else {
            throw StoreError(.alreadyExists, "this is no store's file; move it away", path: path)
        }
        try fileSystem.remove(path)
    }
}
