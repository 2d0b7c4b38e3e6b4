/// The steps of opening a store: lock, manifest, tables, log.
struct StoreOpener {
    let directory: String
    let options: StoreOptions
    let environment: Environment

    private var fileSystem: any FileSystem { environment.fileSystem }
    private var tableDirectory: String { "\(directory)/\(FileName.tableDirectory)" }
    private var logDirectory: String { "\(directory)/\(FileName.logDirectory)" }

    /// The directory that holds the store's: a new store must not vanish with an unsynced name.
    static func parent(of directory: String) -> String {
        guard let slash = directory.lastIndex(of: "/") else { return "." }
        return slash == directory.startIndex ? "/" : String(directory[..<slash])
    }

    /// Without slashes at its end.
    static func trimmed(_ directory: String) -> String {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        return directory
    }

    func open() throws(StoreError) -> OpenedStore {
        let lock = try prepareDirectory()
        let budget = MemoryBudget(total: options.memoryBudget)
        let cache = BlockCache(budget: budget)
        let files = TableFiles(directory: tableDirectory, environment: environment, cache: cache)
        let manifest = try Manifest.open(
            directory, environment: environment, readOnly: options.readOnly)
        var opened = OpenedStore(
            directory: directory, options: options, environment: environment, budget: budget,
            cache: cache, files: files, manifest: manifest, catalog: Catalog(), lock: lock)
        for (tree, entry) in manifest.state.families.sorted(by: { $0.key < $1.key }) {
            guard tree == opened.catalog.trees.count else {
                let missing = opened.catalog.trees.count
                throw StoreError(.corruption, "the manifest has no tree \(missing)")
            }
            let levels = manifest.state.files[tree] ?? [:]
            if let level = levels.keys.first(where: { $0 >= TreeVersion.levelCount }) {
                throw StoreError(.corruption, "the manifest has a table at level \(level)")
            }
            let tables = levels.values.flatMap(\.values).map { TableHandle($0, files: files) }
            let family = Family(id: tree, table: entry.table, schema: entry.schema)
            opened.catalog.add(
                Tree(
                    family, memtableSize: options.memtableSize, budget: budget,
                    background: environment.background,
                    version: TreeVersion(tables)))
        }
        if !options.readOnly { opened.recovery.orphansRemoved = try removeOrphans(manifest) }
        try replayLog(into: &opened)
        return opened
    }

    private func prepareDirectory() throws(StoreError) -> (any FileLock)? {
        if options.readOnly {
            guard fileSystem.exists("\(directory)/\(FileName.current)") else {
                throw StoreError(.notFound, "there is no store", path: directory)
            }
            return nil
        }
        try StoreCopy.adopt(directory, environment)
        if !fileSystem.exists(directory) {
            guard options.createIfMissing else {
                throw StoreError(.notFound, "there is no store", path: directory)
            }
            try fileSystem.createDirectory(directory)
            try fileSystem.syncDirectory(Self.parent(of: directory))
        }
        let lock = try fileSystem.lock(
            "\(directory)/\(FileName.lock)", owner: LockOwner.text(since: environment.clock.now()))
        let exists = fileSystem.exists("\(directory)/\(FileName.current)")
        guard exists || options.createIfMissing else {
            throw StoreError(.notFound, "there is no store", path: directory)
        }
        if !exists { try refuseForeignFiles() }
        try fileSystem.createDirectory(tableDirectory)
        try fileSystem.createDirectory(logDirectory)
        try fileSystem.syncDirectory(directory)
        return lock
    }

    /// Without a manifest there must be no data either: a store whose `CURRENT` is lost is damaged,
    /// not new, and must not be taken for an empty one.
    private func refuseForeignFiles() throws(StoreError) {
        for (path, suffix) in [(tableDirectory, ".sst"), (logDirectory, ".log")]
        where fileSystem.exists(path) {
            if let name = try fileSystem.list(path).first(where: { $0.hasSuffix(suffix) }) {
                throw StoreError(
                    .corruption, "the store has data but no \(FileName.current)",
                    path: "\(path)/\(name)")
            }
        }
    }

    /// Removes table files that a crash left before the manifest named them, or after it dropped
    /// them.
    private func removeOrphans(_ manifest: Manifest) throws(StoreError) -> Int {
        let live = manifest.state.fileNumbers
        // What a daemon wrote for an earlier life of the server is of no use.
        var removed = JobFiles(store: directory, fileSystem).removeAll()
        for name in try fileSystem.list(tableDirectory) {
            guard let number = FileName.tableNumber(name), !live.contains(number) else { continue }
            try fileSystem.remove("\(tableDirectory)/\(name)")
            removed += 1
        }
        return removed
    }

    private func replayLog(into opened: inout OpenedStore) throws(StoreError) {
        let state = opened.manifest.state
        let trees = opened.catalog.trees
        let flushed = trees.map { state.flushedSequences[$0.family.id] ?? 0 }
        var lastSequence = state.lastSequence
        var lastTimestamp = state.lastTimestamp
        let now = environment.clock.monotonicNanoseconds()
        let terms = TermStart(manifest: opened.manifest, random: environment.random)
        let report = try LogRecovery.run(
            fileSystem, directory: logDirectory, storeID: state.storeID,
            minimumSegment: state.minLogSegment, repairs: !options.readOnly,
            cut: state.unfinishedCut, beforeSeal: terms.logWasLeft(endingBefore:)
        ) { (segment, sequence, _, payload) throws(StoreError) in
            var decoder = try BatchDecoder(payload: payload, firstSequence: sequence)
            lastTimestamp = max(lastTimestamp, decoder.storeTimestamp)
            lastSequence = max(lastSequence, sequence + UInt64(decoder.remaining) - 1)
            while let mutation = try decoder.next() {
                guard decoder.tree < trees.count else {
                    throw StoreError(.corruption, "a batch names tree \(decoder.tree)")
                }
                guard mutation.sequence > flushed[Int(decoder.tree)] else { continue }
                _ = trees[Int(decoder.tree)].apply(mutation, loggedIn: segment, now: now)
            }
        }
        opened.lastSequence = max(lastSequence, report.lastSequence)
        if state.role != .primary, let next = report.nextSequence {
            // What is not in the log was never shipped, or is another store's to say.
            opened.lastSequence = next - 1
        }
        opened.lastTimestamp = lastTimestamp
        opened.recovery.batches = report.records
        opened.recovery.segments = report.segments.count
        opened.recovery.wasClosed = report.isSealed
        opened.recovery.cutBytes = report.cut?.bytes ?? 0
        opened.recovery.cutPlace = report.cut.map { "\($0.path) at \($0.offset)" }
        if options.readOnly { return }
        if state.unfinishedCut != nil { try opened.manifest.append(ManifestEdit([.cutDone])) }
        let next = report.nextSequence ?? opened.lastSequence + 1
        try terms.logIsReady(endingBefore: next)
        opened.log = try LogWriter(
            fileSystem, directory: logDirectory, storeID: state.storeID,
            epoch: logEpoch(opened.manifest.state, report), segmentSize: options.logSegmentSize,
            retainedBytes: options.logRetainedBytes,
            recovered: report, nextSequence: opened.lastSequence + 1)
    }

    /// A primary logs in its store's epoch; the records that a follower is sent may be older, and
    /// raise it when they come.
    private func logEpoch(_ state: ManifestState, _ report: LogReport) -> UInt32 {
        if state.role == .primary { return state.epoch }
        return report.segments.isEmpty ? state.history.terms.first?.epoch ?? 0 : report.epoch
    }
}
