extension Store {
    /// Ends the log of a stopped follower behind `sequence`, for good: what stood behind is never
    /// seen again. The caller has found the place by comparing histories
    /// (`TermHistory.commonEnd`), and by nothing else. Holds N4.
    ///
    /// One edit of the manifest decides it: from there on no opening reads beyond `sequence`, and
    /// the files are brought in line now or at the next opening. Also right where the log ends at
    /// or in front of `sequence`: then only terms that begin behind it are forgotten.
    ///
    /// - Returns: the log's last sequence.
    /// - Throws: `.gone` where tables hold what would be cut, or the log does not reach back so
    ///   far: only a seed helps; `.invalidArgument` for a primary; `.corruption` where `sequence`
    ///   is no end of a batch; `.notFound`, `.locked`, `.noSpace`, `.io`. Nothing is changed then,
    ///   but for `.io` and `.noSpace`, after which it may be done or not.
    public static func cut(
        at directory: String, after sequence: UInt64, environment: Environment = .system
    ) throws(StoreError) -> UInt64 {
        let cut = OfflineChange(
            directory: StoreOpener.trimmed(directory), environment: environment)
        return try cut.run(after: sequence)
    }

    /// Makes a stopped primary, or one that was deposed, a follower. Durable on return; no effect
    /// on a follower.
    ///
    /// - Throws: `.invalidArgument` for a checkpoint, which becomes one by `installSeed`;
    ///   `.notFound`, `.locked`, `.corruption`, `.noSpace`, `.io`.
    public static func becomeFollower(
        at directory: String, environment: Environment = .system
    ) throws(StoreError) {
        let cut = OfflineChange(
            directory: StoreOpener.trimmed(directory), environment: environment)
        try cut.becomeFollower()
    }
}

/// Changes to a stopped store's manifest, and the steps of `Store.cut`.
private struct OfflineChange {
    let directory: String
    let environment: Environment

    private var fileSystem: any FileSystem { environment.fileSystem }
    private var logDirectory: String { "\(directory)/\(FileName.logDirectory)" }

    func becomeFollower() throws(StoreError) {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        let found = try ManifestReader.read(fileSystem, directory: directory)
        guard !found.state.isCheckpoint else {
            throw StoreError(.invalidArgument, "this is a checkpoint", path: directory)
        }
        guard found.state.role != .follower else { return }
        _ = try write(ManifestEdit([.role(.follower)]), behind: found)
    }

    func run(after sequence: UInt64) throws(StoreError) -> UInt64 {
        let lock = try lock()
        defer { withExtendedLifetime(lock) {} }
        let found = try ManifestReader.read(fileSystem, directory: directory)
        let state = found.state
        guard state.role != .primary else {
            throw StoreError(.invalidArgument, "a primary's log is not cut", path: directory)
        }
        let sequence = min(sequence, state.unfinishedCut ?? .max)
        try requireUnflushed(state, behind: sequence)
        let edit = ManifestEdit([.cut(after: sequence)])
        var next = state
        try next.apply(edit)
        try requireReach(next, try recover(state, cut: sequence, repairs: false), sequence)
        var written = try write(edit, behind: found)
        let report = try recover(written.state, cut: sequence, repairs: true)
        try written.writer.append(ManifestEdit([.cutDone]), to: &written.state)
        return report.lastSequence
    }

    private func lock() throws(StoreError) -> any FileLock {
        guard fileSystem.exists("\(directory)/\(FileName.current)") else {
            throw StoreError(.notFound, "there is no store", path: directory)
        }
        return try fileSystem.lock(
            "\(directory)/\(FileName.lock)", owner: LockOwner.text(since: environment.clock.now()))
    }

    /// What is in tables cannot be taken out of them.
    private func requireUnflushed(
        _ state: ManifestState, behind sequence: UInt64
    ) throws(StoreError) {
        let tables = state.files.values.flatMap(\.values).flatMap(\.values)
        let flushed = max(
            state.flushedSequences.values.max() ?? 0, tables.map(\.maxSequence).max() ?? 0)
        guard flushed <= sequence else {
            throw StoreError(
                .gone, "tables hold sequences up to \(flushed): no cut behind \(sequence)",
                path: directory)
        }
    }

    private func recover(
        _ state: ManifestState, cut: UInt64, repairs: Bool
    ) throws(StoreError) -> LogReport {
        try LogRecovery.run(
            fileSystem, directory: logDirectory, storeID: state.storeID,
            minimumSegment: state.minLogSegment, repairs: repairs, cut: cut
        ) { (_, _, _, _) throws(StoreError) in }
    }

    /// The log begins at or in front of the cut, and what is left of it can be written behind by
    /// whoever wrote its last term.
    private func requireReach(
        _ state: ManifestState, _ report: LogReport, _ sequence: UInt64
    ) throws(StoreError) {
        let begins = report.segments.first?.firstSequence ?? state.lastSequence + 1
        let epoch = state.history.current?.epoch ?? 0
        guard begins <= sequence + 1, report.epoch <= epoch else {
            throw StoreError(
                .gone, "the log does not reach back to sequence \(sequence)", path: directory)
        }
    }

    private func write(
        _ edit: ManifestEdit, behind found: ManifestReader.Result
    ) throws(StoreError) -> (writer: ManifestWriter, state: ManifestState) {
        var state = found.state
        try state.apply(edit)
        let writer = try ManifestWriter(
            fileSystem, directory: directory, number: found.number + 1, state: state)
        return (writer, state)
    }
}
