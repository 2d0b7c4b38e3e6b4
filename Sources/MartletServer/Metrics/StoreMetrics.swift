package import MartletStore

extension MetricText {
    /// The store's own numbers.
    package mutating func add(_ store: StoreStatistics, isPoisoned: Bool, epoch: UInt32) {
        number("martlet_store_up", "1 while the store takes writes.", .gauge, isPoisoned ? 0 : 1)
        number("martlet_store_epoch", "The store's epoch; a restore raises it.", .gauge, epoch)
        number(
            "martlet_store_sequence", "The last sequence that reads see.", .counter,
            store.visibleSequence)
        number(
            "martlet_store_memtable_bytes", "Bytes in memtables.", .gauge, store.memtableBytes)
        number("martlet_store_cache_bytes", "Bytes in the block cache.", .gauge, store.cacheBytes)
        number(
            "martlet_store_cache_hits_total", "Blocks found in the cache.", .counter,
            store.cacheHits)
        number(
            "martlet_store_cache_misses_total", "Blocks read from the disk.", .counter,
            store.cacheMisses)
        number("martlet_store_log_bytes", "Bytes of live log segments.", .gauge, store.logBytes)
        number(
            "martlet_store_log_written_bytes_total", "Bytes written to the log.", .counter,
            store.logBytesWritten)
        number("martlet_store_log_syncs_total", "Syncs of the log.", .counter, store.logSyncs)
        number(
            "martlet_store_flushed_bytes_total", "Bytes written by flushes.", .counter,
            store.flushBytesWritten)
        number(
            "martlet_store_compacted_bytes_total", "Bytes written by compactions.", .counter,
            store.compactionBytesWritten)
        number(
            "martlet_store_stall_microseconds_total", "Time for which writers were held back.",
            .counter, store.stallMicroseconds)
        levels(store)
    }

    /// What daemons and the store itself do of its compactions.
    package mutating func add(_ status: CompactionStatus) {
        number(
            "martlet_compaction_daemons", "Compaction daemons attached.", .gauge,
            status.daemons.count)
        begin("martlet_compaction_jobs", "Jobs of the plan under way, by state.", .gauge)
        for state in JobBoard.State.allCases {
            sample("martlet_compaction_jobs", ("state", state.rawValue), status.count(state))
        }
        let counts = status.counts
        begin("martlet_compaction_jobs_total", "Jobs offered to daemons, by their end.", .counter)
        let ends = [
            ("committed", counts.committed), ("failed", counts.failed),
            ("refused", counts.refused), ("fallback", counts.fallbacks),
        ]
        for (end, count) in ends { sample("martlet_compaction_jobs_total", ("end", end), count) }
        number(
            "martlet_compaction_claims_expired_total",
            "Claims of daemons that fell silent or stood still.", .counter, counts.expired)
        number(
            "martlet_compaction_refusals_total", "Words of daemons that were not taken.", .counter,
            counts.refusals)
        number(
            "martlet_compaction_daemon_bytes_total",
            "Bytes of tables that daemons wrote and that were committed.", .counter,
            counts.daemonBytes)
    }

    private mutating func levels(_ store: StoreStatistics) {
        let levels = Dictionary(grouping: store.levels, by: \.level).sorted { $0.key < $1.key }
        begin("martlet_store_table_files", "Table files, by level.", .gauge)
        for (level, parts) in levels {
            sample(
                "martlet_store_table_files", ("level", String(level)),
                parts.reduce(0) { $0 + $1.files })
        }
        begin("martlet_store_table_bytes", "Bytes of table files, by level.", .gauge)
        for (level, parts) in levels {
            sample(
                "martlet_store_table_bytes", ("level", String(level)),
                parts.reduce(UInt64(0)) { $0 + $1.bytes })
        }
    }
}
