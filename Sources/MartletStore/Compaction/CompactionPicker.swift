/// Chooses what to compact: leveled, by score, then by tombstones and expiry. Pure.
struct CompactionPicker {
    var levelZeroFiles: Int
    var levelBase: UInt64
    /// Microseconds after its timestamp at which a cell of the family expires.
    var timeToLive: UInt64?

    /// The most urgent compaction, or `nil` if the tree is in shape.
    func pick(_ version: TreeVersion, now: UInt64) -> CompactionPlan? {
        let targets = targets(version)
        if let plan = pickByScore(version, targets) { return plan }
        return pickExpired(version, now: now) ?? pickByTombstones(version)
    }

    /// Everything into one sorted run at the last level.
    func pickAll(_ version: TreeVersion) -> CompactionPlan? {
        guard !version.tables.isEmpty else { return nil }
        return plan(
            .manual, version,
            inputs: (0..<TreeVersion.levelCount).map { ($0, version.levels[$0]) },
            outputLevel: TreeVersion.levelCount - 1)
    }

    /// How urgent the most urgent level is; 1 and above is due.
    func score(_ version: TreeVersion) -> Double {
        scores(version, targets(version)).map(\.score).max() ?? 0
    }

    private func targets(_ version: TreeVersion) -> LevelTargets {
        LevelTargets(
            levelBytes: (0..<TreeVersion.levelCount).map { version.bytes($0) },
            levelBase: levelBase)
    }

    private func scores(
        _ version: TreeVersion, _ targets: LevelTargets
    ) -> [(level: Int, score: Double)] {
        var scores = [(0, Double(version.levels[0].count) / Double(max(1, levelZeroFiles)))]
        for level in 1..<(TreeVersion.levelCount - 1) where !version.levels[level].isEmpty {
            let target = max(targets.bytes[level], 1)
            scores.append((level, Double(version.bytes(level)) / Double(target)))
        }
        return scores
    }

    private func pickByScore(
        _ version: TreeVersion, _ targets: LevelTargets
    ) -> CompactionPlan? {
        let due = scores(version, targets).filter { $0.score >= 1 }
        guard let level = due.max(by: { $0.score < $1.score })?.level else { return nil }
        if level == 0 {
            let inputs = version.levels[0]
            return descend(.levelZero, version, inputs, from: 0, to: targets.base)
        }
        guard let table = cheapest(version, level) else { return nil }
        return descend(.levelSize, version, [table], from: level, to: level + 1)
    }

    /// The table whose overlap with the next level is least for its size.
    private func cheapest(_ version: TreeVersion, _ level: Int) -> TableHandle? {
        version.levels[level].min { cost($0, version, level) < cost($1, version, level) }
    }

    private func cost(_ table: TableHandle, _ version: TreeVersion, _ level: Int) -> Double {
        let overlap = RowSpan([table])?.overlapping(version.levels[level + 1]) ?? []
        let bytes = overlap.reduce(0) { $0 + $1.metadata.size }
        return Double(bytes) / Double(max(table.metadata.size, 1))
    }

    /// Tables whose cells have all expired and which delete nothing: dropped without being read.
    private func pickExpired(_ version: TreeVersion, now: UInt64) -> CompactionPlan? {
        guard let timeToLive else { return nil }
        for level in 0..<TreeVersion.levelCount {
            let expired = version.levels[level].filter { table in
                let metadata = table.metadata
                let (end, overflows) = metadata.maxTimestamp.addingReportingOverflow(timeToLive)
                return !overflows && end <= now && metadata.tombstoneCount == 0
                    && metadata.rangeTombstoneCount == 0
            }
            if !expired.isEmpty {
                return plan(.expired, version, inputs: [(level, expired)], outputLevel: level)
            }
        }
        return nil
    }

    /// A table that is mostly deletes slows every scan of its rows: push it down early
    /// (facebook/rocksdb#10300 tells of seeks that took 13 ms).
    private func pickByTombstones(_ version: TreeVersion) -> CompactionPlan? {
        for level in 1..<TreeVersion.levelCount {
            for table in version.levels[level] {
                let metadata = table.metadata
                let isDense =
                    metadata.tombstoneCount * 2 >= metadata.cellCount
                    && metadata.tombstoneCount > 0
                guard isDense || metadata.rangeTombstoneCount > 0 else { continue }
                guard level < TreeVersion.levelCount - 1 else { continue }
                return descend(.tombstones, version, [table], from: level, to: level + 1)
            }
        }
        return nil
    }

    private func descend(
        _ reason: CompactionPlan.Reason, _ version: TreeVersion, _ tables: [TableHandle],
        from level: Int, to outputLevel: Int
    ) -> CompactionPlan {
        var inputs = [(level, tables)]
        if let span = RowSpan(tables) {
            for between in (level + 1)...outputLevel where between > level {
                inputs.append((between, span.overlapping(version.levels[between])))
            }
        }
        return plan(reason, version, inputs: inputs, outputLevel: outputLevel)
    }

    private func plan(
        _ reason: CompactionPlan.Reason, _ version: TreeVersion,
        inputs: [(level: Int, tables: [TableHandle])], outputLevel: Int
    ) -> CompactionPlan {
        let inputs = inputs.filter { !$0.tables.isEmpty }
        let span = RowSpan(inputs.flatMap(\.tables))
        let below = (outputLevel + 1)..<max(outputLevel + 1, TreeVersion.levelCount)
        return CompactionPlan(
            reason: reason, inputs: inputs, outputLevel: outputLevel,
            below: below.map { span?.overlapping(version.levels[$0]) ?? [] })
    }
}
