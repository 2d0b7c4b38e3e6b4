extension Store {
    /// Makes a follower's store in `directory` out of a checkpoint that was received whole in
    /// `incoming`, replacing the store that is there.
    ///
    /// Every file is verified first. Epoch and terms stay the checkpoint's; the promise of the
    /// store that is replaced goes on. After a crash at any step `finishInstall` finds the old
    /// store or the new one, whole. The old one's files are removed; what is not a store's stays in
    /// `DIRECTORY.replaced`. Holds N1, N8.
    ///
    /// - Parameter promise: what else this follower has promised, where the store that is replaced
    ///   can no longer say it.
    /// - Throws: `.corruption` with the first thing that is wrong with the checkpoint; `.fenced`
    ///   where a promise forbids to follow who made it; `.invalidArgument` where a primary or
    ///   another store would be replaced; `.locked`, `.notFound`, `.noSpace`, `.io`. The old store
    ///   is as it was then, or is found by `finishInstall`.
    public static func installSeed(
        from incoming: String, at directory: String, promise: TermID? = nil,
        environment: Environment = .system
    ) throws(StoreError) {
        let seed = SeedInstallation(
            environment: environment, incoming: StoreOpener.trimmed(incoming),
            directory: StoreOpener.trimmed(directory))
        try seed.install(promise)
    }

    /// Ends what a crash has left of `installSeed`; to be called before the store is opened. No
    /// effect where there is nothing to end.
    public static func finishInstall(
        from incoming: String, at directory: String, environment: Environment = .system
    ) throws(StoreError) {
        let seed = SeedInstallation(
            environment: environment, incoming: StoreOpener.trimmed(incoming),
            directory: StoreOpener.trimmed(directory))
        try seed.finish()
    }
}

/// The steps of `Store.installSeed`.
private struct SeedInstallation {
    let environment: Environment
    let incoming: String
    let directory: String

    private var fileSystem: any FileSystem { environment.fileSystem }
    private var aside: String { directory + ".replaced" }
    private var parent: String { StoreOpener.parent(of: directory) }

    func install(_ promise: TermID?) throws(StoreError) {
        try finish()
        guard isStore(incoming) else {
            throw StoreError(.notFound, "there is no store", path: incoming)
        }
        let isReplacing = isStore(directory)
        let locks = (try lock(incoming), isReplacing ? try lock(directory) : nil)
        defer { withExtendedLifetime(locks) {} }
        // A store without a table file has come without the directory.
        for name in [FileName.logDirectory, FileName.tableDirectory] {
            try fileSystem.createDirectory("\(incoming)/\(name)")
        }
        let found = try ManifestReader.read(fileSystem, directory: incoming)
        let promises = try promised(found.state) + (promise.map { [$0] } ?? [])
        for promise in promises where !promise.allows(found.state.history) {
            throw StoreError(
                .fenced, "epoch \(promise.epoch) was promised to another", path: incoming)
        }
        try verify()
        try prepare(found, promises)
        try swap(isReplacing: isReplacing)
    }

    func finish() throws(StoreError) {
        if isStore(directory) { return try clear(aside) }
        guard isStore(incoming), isPrepared else {
            guard isStore(aside) else { return }
            return try move(aside, to: directory)
        }
        try move(incoming, to: directory)
        try clear(aside)
    }

    private func isStore(_ path: String) -> Bool {
        fileSystem.exists("\(path)/\(FileName.current)")
    }

    /// Whether the seed was verified and made a follower: all that is left is to give it its name.
    private var isPrepared: Bool {
        let state = try? ManifestReader.read(fileSystem, directory: incoming).state
        return state.map { $0.role == .follower && !$0.isCheckpoint } ?? false
    }

    private func lock(_ path: String) throws(StoreError) -> any FileLock {
        try fileSystem.lock(
            "\(path)/\(FileName.lock)", owner: LockOwner.text(since: environment.clock.now()))
    }

    /// What the store that is replaced has promised; nothing where its manifest is damaged, which
    /// may be why it is replaced.
    private func promised(_ seed: ManifestState) throws(StoreError) -> [TermID] {
        guard isStore(directory),
            let old = try? ManifestReader.read(fileSystem, directory: directory).state
        else { return [] }
        guard old.storeID == seed.storeID, old.role != .primary else {
            throw StoreError(
                .invalidArgument,
                "a \(old.role) of store \(old.storeID) is not replaced by a"
                    + " seed of \(seed.storeID)", path: directory)
        }
        return [old.promise]
    }

    private func verify() throws(StoreError) {
        let report = try StoreVerifier.run(directory: incoming, environment: environment)
        if let error = report.errors.first {
            throw StoreError(.corruption, error.message, path: error.path, offset: error.offset)
        }
    }

    /// Makes the checkpoint a follower's store, durably, where it lies. Last of all its manifest:
    /// that says that it is whole.
    private func prepare(
        _ found: ManifestReader.Result, _ promises: [TermID]
    ) throws(StoreError) {
        for name in [FileName.logDirectory, FileName.tableDirectory] {
            try fileSystem.syncDirectory("\(incoming)/\(name)")
        }
        try fileSystem.syncDirectory(incoming)
        var state = found.state
        var fields: [ManifestEdit.Field] = [.checkpoint(false), .role(.follower)]
        let highest = (promises + [state.promise]).max { $0.epoch < $1.epoch }
        if let highest { fields.append(.promise(highest)) }
        try state.apply(ManifestEdit(fields))
        _ = try ManifestWriter(
            fileSystem, directory: incoming, number: found.number + 1, state: state)
        try fileSystem.syncDirectory(incoming)
    }

    private func swap(isReplacing: Bool) throws(StoreError) {
        if isReplacing {
            try clear(aside)
            try makeRoom()
            try move(directory, to: aside)
        }
        try move(incoming, to: directory)
        // The new store is there; what is left of the old one goes now or later.
        try? clear(aside)
    }

    /// What an earlier replacement has left that is no store's goes out of the way.
    private func makeRoom() throws(StoreError) {
        guard fileSystem.exists(aside) else { return }
        var number = 1
        while fileSystem.exists("\(aside).\(number)") { number += 1 }
        try move(aside, to: "\(aside).\(number)")
    }

    private func move(_ source: String, to target: String) throws(StoreError) {
        if fileSystem.exists(target), let names = try? fileSystem.list(target), names.isEmpty {
            try fileSystem.removeDirectory(target)
        }
        for name in ["/" + FileName.logDirectory, "/" + FileName.tableDirectory, ""]
        where fileSystem.exists(source + name) {
            try fileSystem.syncDirectory(source + name)
        }
        try fileSystem.rename(source, to: target)
        try fileSystem.syncDirectory(parent)
    }

    /// Removes a store's files from `path`, `CURRENT` first: half removed it is no store.
    private func clear(_ path: String) throws(StoreError) {
        guard fileSystem.exists(path) else { return }
        for name in [FileName.current, ManifestName.temporary]
        where fileSystem.exists("\(path)/\(name)") {
            try fileSystem.remove("\(path)/\(name)")
        }
        try fileSystem.syncDirectory(path)
        for name in [FileName.logDirectory, FileName.tableDirectory]
        where fileSystem.exists("\(path)/\(name)") {
            try removeFiles(in: "\(path)/\(name)") { name in
                FileName.tableNumber(name) != nil || LogFormat.segment(ofName: name) != nil
            }
        }
        try removeFiles(in: path) { name in
            ManifestName.number(of: name) != nil || name == FileName.lock
        }
        try fileSystem.syncDirectory(parent)
    }

    /// Removes the files that are a store's, and the directory if it is empty then.
    private func removeFiles(
        in path: String, where isOurs: (String) -> Bool
    ) throws(StoreError) {
        for name in try fileSystem.list(path) where isOurs(name) {
            try fileSystem.remove("\(path)/\(name)")
        }
        if try fileSystem.list(path).isEmpty { try fileSystem.removeDirectory(path) }
    }
}
