extension Store {
    /// The store's numbers of this moment.
    public func statistics() -> StoreStatistics {
        var result = StoreStatistics()
        for tree in currentCatalog.trees {
            let version = tree.currentView.version
            for (level, tables) in version.levels.enumerated() where !tables.isEmpty {
                result.levels.append(
                    StoreStatistics.Level(
                        family: tree.family.id, level: level, files: tables.count,
                        bytes: version.bytes(level)))
            }
            result.memtableBytes += tree.memtableBytes
        }
        let cached = cache.statistics
        result.cacheBytes = cached.bytes
        result.cacheHits = cached.hits
        result.cacheMisses = cached.misses
        result.logBytes = log?.bytes ?? 0
        result.logRetainedBytes = log?.retainedBytes ?? 0
        result.logBytesWritten = log?.bytesWritten ?? 0
        result.logSyncs = log?.syncs ?? 0
        result.visibleSequence = visibleSequence
        let waiting = pipeline?.waiting ?? (commits: 0, bytes: 0)
        result.waitingCommits = waiting.commits
        result.waitingBytes = waiting.bytes
        result.replicationTimeouts = replication.timeouts
        monitor.withLock {
            result.flushBytesWritten = state.flushBytes
            result.compactionBytesWritten = state.compactionBytes
            result.stallMicroseconds = state.stallMicroseconds
        }
        return result
    }
}
