extension Store {
    /// Writes every memtable to a table. Blocks until that is durable.
    public func flush() throws(StoreError) {
        try requireWritable()
        let froze = applyLock.withLock {
            currentCatalog.trees.map { $0.freeze() }.contains(true)
        }
        if froze { recountDebt() }
        try monitor.withLock { () throws(StoreError) in
            state.backgroundFailure = nil
            while debt.frozenMemtables > 0 {
                scheduleFlush()
                if let failure = state.poison ?? state.backgroundFailure { throw failure }
                monitor.wait()
            }
        }
    }

    /// Flushes, then merges every tree into one sorted run: the smallest the store can be. Blocks.
    public func compact() throws(StoreError) {
        try flush()
        pauseCompactions()
        defer { resumeCompactions() }
        for tree in currentCatalog.trees {
            let picker = picker(of: tree)
            if let plan = picker.pickAll(tree.currentView.version) {
                try run(plan, in: tree)
            }
        }
    }

    /// Waits until no flush or compaction is due or running.
    public func waitUntilSettled() {
        monitor.withLock {
            while state.backgroundFailure == nil, state.poison == nil,
                state.flushIsScheduled || state.compactionIsScheduled
                    || debt.frozenMemtables > 0
            {
                monitor.wait()
            }
        }
    }

    func requireWritable() throws(StoreError) {
        guard pipeline != nil else {
            throw StoreError(.unsupported, "the store is open for reading only", path: directory)
        }
        try monitor.withLock { () throws(StoreError) in
            if state.isClosed { throw StoreError(.closed, "the store is closed", path: directory) }
            if let poison = state.poison {
                throw StoreError(.poisoned, "after: \(poison)", path: directory)
            }
        }
    }

    /// A commit has frozen a memtable: flush it, and whatever holds an old log segment.
    func memtableWasFrozen() {
        recountDebt()
        monitor.withLock { scheduleFlush() }
    }

    func tick() {
        monitor.withLock { scheduleFlush() }
    }

    /// Brings the numbers that the throttle reads up to date.
    func recountDebt() {
        var frozen = 0
        var levelZero = 0
        for tree in currentCatalog.trees {
            let view = tree.currentView
            frozen = max(frozen, view.frozen.count)
            levelZero = max(levelZero, view.version.levels[0].count)
        }
        debt.set(frozenMemtables: frozen, levelZeroFiles: levelZero)
    }

    /// Holds: `monitor`.
    func scheduleFlush() {
        guard !state.flushIsScheduled, !state.isClosed else { return }
        state.flushIsScheduled = true
        environment.background.submit(.flush) { [weak self] in self?.runFlushes() }
    }

    /// Holds: `monitor`.
    func scheduleCompaction() {
        guard options.compactsAutomatically, !state.compactionIsScheduled,
            state.compactionPauses == 0, !state.isClosed
        else { return }
        state.compactionIsScheduled = true
        environment.background.submit(.compaction) { [weak self] in self?.runCompactions() }
    }

    private func runFlushes() {
        var failure: StoreError?
        do throws(StoreError) {
            while let (tree, buffer) = nextToFlush() {
                try flush(buffer, of: tree)
                recountDebt()
                monitor.withLock { monitor.broadcast() }
            }
        } catch {
            failure = error
        }
        monitor.withLock {
            state.flushIsScheduled = false
            state.backgroundFailure = failure
            if failure == nil { scheduleCompaction() }
            monitor.broadcast()
        }
    }

    private func nextToFlush() -> (Tree, WriteBuffer)? {
        if monitor.withLock({ state.isClosed || state.poison != nil }) { return nil }
        freezeWhatPinsTheLog()
        // Under the apply lock: a memtable that a group is freezing now is not visible yet (W4).
        return applyLock.withLock {
            for tree in currentCatalog.trees {
                if let buffer = tree.oldestFrozen { return (tree, buffer) }
            }
            return nil
        }
    }

    /// Freezes memtables that hold an old log segment, or are old themselves, so that a table which
    /// sits idle never pins the log (facebook/rocksdb#662 tells of 100 GB).
    func freezeWhatPinsTheLog() {
        guard let log else { return }
        let isLong = log.bytes > UInt64(options.logBytesMax)
        let froze = applyLock.withLock {
            // Read under the lock: an entry that came before it is not younger than this.
            let now = environment.clock.monotonicNanoseconds()
            let trees = currentCatalog.trees
            let oldest = trees.compactMap(\.oldestSegment).min()
            return trees.map { tree in
                let isOld = tree.isOlder(than: options.flushAge, at: now)
                let pins = isLong && oldest != nil && tree.oldestSegment == oldest
                return (isOld || pins) && tree.freeze()
            }.contains(true)
        }
        if froze { recountDebt() }
    }

    private func runCompactions() {
        var failure: StoreError?
        do throws(StoreError) {
            while let (plan, tree) = nextCompaction() {
                try run(plan, in: tree)
            }
        } catch {
            failure = error
        }
        monitor.withLock {
            state.compactionIsScheduled = false
            if let failure { state.backgroundFailure = failure }
            monitor.broadcast()
        }
    }

    private func nextCompaction() -> (CompactionPlan, Tree)? {
        let stops = monitor.withLock {
            state.isClosed || state.poison != nil || state.compactionPauses > 0
        }
        if stops { return nil }
        let now = environment.clock.now()
        let trees = currentCatalog.trees.map { ($0, $0.currentView.version) }
        let byUrgency = trees.sorted { picker(of: $0.0).score($0.1) > picker(of: $1.0).score($1.1) }
        for (tree, version) in byUrgency {
            if let plan = picker(of: tree).pick(version, now: now) { return (plan, tree) }
        }
        return nil
    }

    func picker(of tree: Tree) -> CompactionPicker {
        CompactionPicker(
            levelZeroFiles: options.levelZeroFiles, levelBase: UInt64(options.levelBase),
            timeToLive: tree.family.schema.timeToLive)
    }

    /// Waits for the running compaction and lets no other begin.
    private func pauseCompactions() {
        monitor.withLock {
            state.compactionPauses += 1
            while state.compactionIsScheduled { monitor.wait() }
        }
    }

    private func resumeCompactions() {
        monitor.withLock {
            state.compactionPauses -= 1
            scheduleCompaction()
        }
    }
}
