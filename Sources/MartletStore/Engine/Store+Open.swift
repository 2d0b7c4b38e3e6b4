extension Store {
    /// Opens the store in `directory`, creating it where there is none.
    ///
    /// Takes a time proportional to the log left by a crash; after `close`, to the number of
    /// tables. Throws `.locked` (naming the owner) if another process has it open, `.corruption` if
    /// acknowledged data is damaged (nothing is changed then), `.unsupported` for a newer format,
    /// `.io` and `.noSpace`.
    public static func open(
        at directory: String, options: StoreOptions = StoreOptions(),
        environment: Environment = .system
    ) throws(StoreError) -> Store {
        let opener = StoreOpener(
            directory: StoreOpener.trimmed(directory), options: options, environment: environment)
        let opened = try opener.open()
        let store = Store(opened)
        try store.start(opened)
        return store
    }

    /// Syncs the log, waits for what runs in the background and lets go of the directory.
    ///
    /// Memtables stay in the log and are replayed at the next open. Every later call throws
    /// `.closed`; scanners and snapshots that are still alive may be used up.
    public func close() throws(StoreError) {
        let isFirst = monitor.withLock {
            defer { state.isClosed = true }
            monitor.broadcast()
            return !state.isClosed
        }
        guard isFirst else { return }
        desk.close()
        pipeline?.stop()
        let poison = monitor.withLock {
            while state.flushIsScheduled || state.compactionIsScheduled
                || state.checkpointIsUnderWay
            {
                monitor.wait()
            }
            return state.poison
        }
        defer { releaseLock() }
        if poison == nil {
            try shipping.withLock { () throws(StoreError) in try log?.close() }
        }
    }

    private func start(_ opened: OpenedStore) throws(StoreError) {
        guard let log else { return }
        let pipeline = CommitPipeline(
            log: log, environment: environment, sequence: opened.lastSequence,
            timestamp: opened.lastTimestamp, replication: replication,
            replicationTimeout: options.replicationTimeout, target: self)
        self.pipeline = pipeline
        let term = opened.manifest.state.history.current?.id
        replication.change { positions in
            positions.begin(term)
            if role == .deposed { positions.fence() }
        }
        pipeline.start()
        recountDebt()
        monitor.withLock { scheduleFlush() }
    }
}
