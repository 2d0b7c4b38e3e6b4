extension Store {
    /// Makes a live store in `target` out of a checkpoint, or of the directory of a stopped store.
    ///
    /// The new store's epoch is above that of both and of every other store made of `source`
    /// before, so that no cursor of another life is taken for one of this. Nothing of `source` is
    /// changed; its tables are linked where the file system allows. Holds K1, K4, K5.
    ///
    /// - Parameter aside: where to move what is at `target`; `nil` to refuse if there is something
    ///   but an empty directory. A crash between the two renames leaves the old store there and
    ///   none at `target`; the new one, whole by then, gets its name when `target` is opened.
    /// - Returns: what the new store consists of; `sequence` is what its manifest knows of, and the
    ///   log may hold more.
    /// - Throws: `.notFound` where there is no store, `.locked` where one of both is open,
    ///   `.alreadyExists`, `.noSpace`, `.corruption`, `.io`; `target` is as it was then.
    public static func restore(
        from source: String, to target: String, movingAside aside: String? = nil,
        environment: Environment = .system
    ) throws(StoreError) -> CheckpointReport {
        let restore = StoreRestore(
            environment: environment, source: StoreOpener.trimmed(source),
            target: StoreOpener.trimmed(target), aside: aside.map(StoreOpener.trimmed))
        return try restore.run()
    }
}

/// The steps of `Store.restore`.
private struct StoreRestore {
    let environment: Environment
    let source: String
    let target: String
    let aside: String?

    private var fileSystem: any FileSystem { environment.fileSystem }

    func run() throws(StoreError) -> CheckpointReport {
        guard fileSystem.exists("\(source)/\(FileName.current)") else {
            throw StoreError(.notFound, "there is no store", path: source)
        }
        let isReplacing = try lookAtTarget()
        let locks = (try lockSource(), isReplacing ? try lock(target) : nil)
        defer { withExtendedLifetime(locks) {} }
        var state = try ManifestReader.read(fileSystem, directory: source).state
        let old = isReplacing ? try? ManifestReader.read(fileSystem, directory: target).state : nil
        try state.apply(
            .newLife(of: state, above: old?.epoch ?? 0, now: environment.clock.now()))
        var copy = StoreCopy(
            environment, target: target,
            report: CheckpointReport(sequence: state.lastSequence, epoch: state.epoch))
        do throws(StoreError) {
            try copy.begin(bytes: 0)
            try copyLog(state, &copy)
            try copy.add(
                tablesOf: state, from: "\(source)/\(FileName.tableDirectory)", proceed: {})
            try copy.finish(state)
            if isReplacing { try moveAside() }
        } catch {
            copy.abandon()
            throw error
        }
        do throws(StoreError) {
            try copy.commit()
        } catch {
            if isReplacing, let aside, !fileSystem.exists(target) {
                try? fileSystem.rename(aside, to: target)
            }
            copy.abandon()
            throw error
        }
        return copy.report
    }

    /// Whether there is something to be moved aside.
    private func lookAtTarget() throws(StoreError) -> Bool {
        guard fileSystem.exists(target) else { return false }
        if let names = try? fileSystem.list(target), names.isEmpty {
            try fileSystem.removeDirectory(target)
            return false
        }
        guard let aside else {
            throw StoreError(.alreadyExists, "there is something already", path: target)
        }
        guard !fileSystem.exists(aside) else {
            throw StoreError(.alreadyExists, "there is something already", path: aside)
        }
        return true
    }

    /// A medium that cannot be written to has no lock, and needs none.
    private func lockSource() throws(StoreError) -> (any FileLock)? {
        do throws(StoreError) {
            return try lock(source)
        } catch {
            if error.code == .locked { throw error }
            return nil
        }
    }

    private func lock(_ directory: String) throws(StoreError) -> any FileLock {
        try fileSystem.lock(
            "\(directory)/\(FileName.lock)", owner: LockOwner.text(since: environment.clock.now()))
    }

    /// Whole segments: the end of one that was left open is found, and cut, at the first opening.
    private func copyLog(_ state: ManifestState, _ copy: inout StoreCopy) throws(StoreError) {
        let directory = "\(source)/\(FileName.logDirectory)"
        for name in try fileSystem.list(directory).sorted() {
            guard let id = LogFormat.segment(ofName: name), id >= state.minLogSegment else {
                continue
            }
            copy.report.copiedBytes += try fileSystem.copy(
                "\(directory)/\(name)", to: "\(copy.logDirectory)/\(name)")
        }
    }

    private func moveAside() throws(StoreError) {
        guard let aside else { return }
        try fileSystem.rename(target, to: aside)
        try fileSystem.syncDirectory(StoreOpener.parent(of: aside))
    }
}
