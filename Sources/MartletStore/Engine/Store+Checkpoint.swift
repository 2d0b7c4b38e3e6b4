extension Store {
    /// Makes a copy of the store as it is at this moment in the new directory `target`, while
    /// reads and writes go on.
    ///
    /// The copy holds every write that was acknowledged before the call and a prefix, in sequence
    /// order, of those under way: what an opening would find had the process been killed. (What was
    /// written with `.skipLog` is in it once it has been flushed.) Tables are hard links where the
    /// file system allows, so on one file system the copy takes the log's bytes only. It is a whole
    /// store; the first opening for writing raises its epoch. Holds K1, K2 and K3.
    ///
    /// Blocks until the copy is durable. Throws `.alreadyExists` if there is something at `target`,
    /// `.notFound` if the directory above it is missing, `.noSpace`, `.busy` if another checkpoint
    /// is being taken, `.closed` if the store is closed meanwhile, `.poisoned`, `.io`. The store
    /// itself is none the worse then, and `target` is not there (or, where only its name could not
    /// be made durable, whole).
    public func checkpoint(at target: String) throws(StoreError) -> CheckpointReport {
        let target = StoreOpener.trimmed(target)
        try beginCheckpoint()
        defer { endCheckpoint() }
        guard !environment.fileSystem.exists(target) else {
            throw StoreError(.alreadyExists, "there is something already", path: target)
        }
        return try copy(captureMoment(), to: target)
    }

    /// What the store consists of at one moment.
    private struct Moment {
        var state: ManifestState
        /// Keep the state's tables from being removed.
        var views: [TreeView]
        var segments: [LogSegment]
        var end: LogEnd
    }

    private func beginCheckpoint() throws(StoreError) {
        try requireWritable()
        try monitor.withLock { () throws(StoreError) in
            guard !state.checkpointIsUnderWay else {
                throw StoreError(.busy, "another checkpoint is being taken", path: directory)
            }
            state.checkpointIsUnderWay = true
        }
    }

    private func endCheckpoint() {
        manifestMonitor.withLock { logIsPinned = false }
        monitor.withLock {
            state.checkpointIsUnderWay = false
            monitor.broadcast()
        }
    }

    /// Manifest, tables and the log's end belong together under this lock: an edit is recorded
    /// under it, so the log has all that the state says to be in tables (F9), and no batch in it
    /// names a family that the state does not know.
    private func captureMoment() throws(StoreError) -> Moment {
        guard let log else {
            throw StoreError(.unsupported, "the store is open for reading only", path: directory)
        }
        return manifestMonitor.withLock {
            logIsPinned = true
            let (segments, end) = log.end()
            let state = manifest.state
            return Moment(
                state: state, views: currentCatalog.trees.map(\.currentView),
                segments: segments.filter { $0.id >= state.minLogSegment }, end: end)
        }
    }

    private func copy(
        _ moment: Moment, to target: String
    ) throws(StoreError) -> CheckpointReport {
        var copy = StoreCopy(
            environment, target: target,
            report: CheckpointReport(
                sequence: moment.end.nextSequence - 1, epoch: moment.state.epoch))
        do throws(StoreError) {
            let logBytes = moment.segments.reduce(moment.end.segment.bytes) { $0 + $1.bytes }
            try copy.begin(bytes: logBytes + options.diskReserve)
            let proceed = { [self] () throws(StoreError) in try requireOpen() }
            // The log first: it may not grow without bound behind this.
            let log = LogCopy(
                environment.fileSystem, from: "\(directory)/\(FileName.logDirectory)",
                to: copy.logDirectory, proceed: proceed)
            copy.report.copiedBytes += try log.run(moment.segments, upTo: moment.end)
            manifestMonitor.withLock { logIsPinned = false }
            try withExtendedLifetime(moment.views) { () throws(StoreError) in
                try copy.add(tablesOf: moment.state, from: files.directory, proceed: proceed)
            }
            var state = moment.state
            try state.apply(ManifestEdit([.checkpoint(true)]))
            try copy.finish(state)
            try copy.commit()
            return copy.report
        } catch {
            copy.abandon()
            throw error
        }
    }

    private func requireOpen() throws(StoreError) {
        if monitor.withLock({ state.isClosed }) {
            throw StoreError(.closed, "the store is closed", path: directory)
        }
    }
}
