extension Store {
    /// Commits `batch`: all of it or nothing, visible to every read that starts after the return.
    ///
    /// Blocks until it is as durable as asked. Returns the sequence of its last mutation. Throws
    /// `.poisoned` or `.io` (the outcome of *this* batch is then unknown until the store is
    /// reopened), `.noSpace`, `.busy` and `.unavailable` (nothing was written; try again later),
    /// `.indefinite` (it waits for followers, and will be applied when they have it), `.fenced`
    /// (another store decides what becomes of it), `.closed`.
    @discardableResult
    public func write(
        _ batch: WriteBatch, durability: Durability = .synced
    ) throws(StoreError) -> UInt64 {
        let pipeline = try writer(batch, durability)
        guard !batch.isEmpty else { return visibleSequence }
        return try pipeline.write(batch.storage, durability.level)
    }

    /// As `write`, without blocking: for event loops and tasks.
    ///
    /// Batches commit in the order of submission from one thread, and completions are called in
    /// commit order, on whichever thread leads the commit (at once on the caller's if the batch is
    /// refused): keep them short.
    public func submit(
        _ batch: WriteBatch, durability: Durability = .synced,
        completion: @escaping @Sendable (Result<UInt64, StoreError>) -> Void
    ) {
        do throws(StoreError) {
            let pipeline = try writer(batch, durability)
            guard !batch.isEmpty else {
                return completion(.success(visibleSequence))
            }
            pipeline.submit(batch.storage, durability.level, completion: completion)
        } catch {
            completion(.failure(error))
        }
    }

    private func writer(
        _ batch: WriteBatch, _ durability: Durability
    ) throws(StoreError) -> CommitPipeline {
        guard let pipeline else {
            throw StoreError(.unsupported, "the store is open for reading only", path: directory)
        }
        try standing.requirePrimary(directory)
        if case .replicated(let count) = durability.level { try requireFollowers(count) }
        guard batch.storage.treesEnd <= UInt32(currentCatalog.trees.count) else {
            throw StoreError(.notFound, "a mutation names a family that is not this store's")
        }
        return pipeline
    }
}

extension Store {
    private func requireFollowers(_ count: Int) throws(StoreError) {
        guard count >= 0 else {
            throw StoreError(.invalidArgument, "a write cannot be on \(count) followers")
        }
        let attached = count == 0 ? 0 : replication.attached
        guard attached >= count else {
            throw StoreError(.unavailable, replication.lack(of: count))
        }
    }
}

extension Store: CommitTarget {
    func admit(bytes: Int) throws(StoreError) {
        try standing.requirePrimary(directory)
        try admitToMemory(bytes: bytes)
    }

    /// Whether `bytes` more may be logged and applied; holds the caller back for a bounded time.
    func admitToMemory(bytes: Int) throws(StoreError) {
        let delay = throttle.delay(
            bytes: bytes, levelZeroFiles: debt.levelZeroFiles,
            frozenMemtables: debt.frozenMemtables)
        try monitor.withLock { () throws(StoreError) in
            try checkWritable()
            try checkSpace(bytes)
            if delay > 0 { stall(delay) }
            while debt.frozenMemtables >= options.frozenMemtablesMax {
                scheduleFlush()
                try refuseWhileFlushesFail()
                let start = environment.clock.monotonicNanoseconds()
                monitor.wait()
                let waited = environment.clock.monotonicNanoseconds() - start
                state.stallMicroseconds += waited / 1_000
                try checkWritable()
            }
        }
    }

    /// Holds: `monitor`.
    func checkWritable() throws(StoreError) {
        if state.isClosed { throw StoreError(.closed, "the store is closed", path: directory) }
        if let poison = state.poison {
            throw StoreError(.poisoned, "after: \(poison)", path: directory)
        }
        if state.backgroundFailure != nil { scheduleFlush() }
    }

    /// Memory is full and cannot be emptied: the write is refused, and every later one tries the
    /// flush again, so that it heals when its cause is gone. Holds: `monitor`.
    private func refuseWhileFlushesFail() throws(StoreError) {
        guard let failure = state.backgroundFailure else { return }
        if failure.isRetryable { throw failure }
        throw StoreError(.busy, "memtables are full and flushes fail: \(failure)", path: directory)
    }

    /// Refuses a write while the disk could not take what is in memory already. Holds: `monitor`.
    private func checkSpace(_ bytes: Int) throws(StoreError) {
        state.bytesSinceSpaceCheck += bytes
        guard state.hasNoSpace || state.bytesSinceSpaceCheck > 4 << 20 else { return }
        let free = try environment.fileSystem.freeSpace(directory)
        let memory = currentCatalog.trees.reduce(0) { $0 + $1.memtableBytes }
        state.hasNoSpace = free < options.diskReserve + UInt64(memory)
        guard !state.hasNoSpace else {
            throw StoreError(.noSpace, "only \(free) bytes are free", path: directory)
        }
        state.bytesSinceSpaceCheck = 0
    }

    /// Holds: `monitor`, which is let go of meanwhile.
    private func stall(_ microseconds: UInt64) {
        state.stallMicroseconds += microseconds
        guard environment.background.hasThreads else { return }
        let end = environment.clock.monotonicNanoseconds() + microseconds * 1_000
        while true {
            let now = environment.clock.monotonicNanoseconds()
            if now >= end || state.isClosed { return }
            monitor.wait(microseconds: max(1, (end - now) / 1_000))
        }
    }

    func apply(_ group: [CommitRequest], loggedIn segment: UInt64) throws(StoreError) {
        let trees = currentCatalog.trees
        let now = environment.clock.monotonicNanoseconds()
        let froze = try applyLock.withLock { () throws(StoreError) -> Bool in
            var froze = false
            for request in group {
                var decoder = try BatchDecoder(
                    body: request.batch.bytes, timestamp: request.timestamp,
                    firstSequence: request.firstSequence)
                while let mutation = try decoder.next() {
                    let tree = trees[Int(decoder.tree)]
                    if tree.apply(mutation, loggedIn: segment, now: now) { froze = true }
                }
            }
            if let last = group.last {
                makeVisible(last.lastSequence)
            }
            return froze
        }
        if froze { memtableWasFrozen() }
    }

    func poison(_ error: StoreError) {
        monitor.withLock {
            if state.poison == nil { state.poison = error }
            monitor.broadcast()
        }
    }
}
