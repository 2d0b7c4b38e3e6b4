extension Store {
    /// Merges a plan's tables into new ones of its output level.
    ///
    /// The new tables and their names are durable before the manifest names them; the old ones are
    /// removed only when that edit is durable and their last reader is gone (F1, F2).
    func run(_ plan: CompactionPlan, in tree: Tree) throws(StoreError) {
        let outputs = plan.reason == .expired ? [] : try merge(plan, tree)
        do throws(StoreError) {
            try manifestMonitor.withLock { () throws(StoreError) in
                let removed = plan.tables.map { table in
                    let metadata = table.metadata
                    return ManifestEdit.Field.removeFile(
                        tree: metadata.tree, level: metadata.level, number: metadata.number)
                }
                let edit = ManifestEdit(removed + outputs.map { .addFile($0) })
                try record(edit)
                tree.replace(plan.tables, with: outputs.map { TableHandle($0, files: files) })
            }
        } catch {
            let isUnknown = manifestMonitor.withLock { manifest.hasFailed }
            if !isUnknown { outputs.forEach { files.discard($0.number) } }
            throw error
        }
        monitor.withLock {
            state.compactionBytes += outputs.reduce(0) { $0 + $1.size }
            monitor.broadcast()
        }
        recountDebt()
    }

    private func merge(
        _ plan: CompactionPlan, _ tree: Tree
    ) throws(StoreError) -> [TableMetadata] {
        var sources: [any CellSource] = []
        var tombstones: [RangeTombstone] = []
        var hasVersionDeletes = false
        for (level, tables) in plan.inputs {
            for table in tables {
                let reader = try table.reader()
                tombstones += reader.rangeTombstones
                hasVersionDeletes = hasVersionDeletes || reader.properties.deleteVersions > 0
            }
            if level > 0 {
                sources.append(LevelSource(tables, fillCache: false))
            } else {
                for table in tables { sources.append(try TableSource(table, fillCache: false)) }
            }
        }
        let schema = tree.family.schema
        let isLast = plan.outputLevel == TreeVersion.levelCount - 1
        let settings = CollectedTables.Settings(
            family: tree.family, level: plan.outputLevel,
            compression: isLast ? schema.bottomCompression : schema.compression,
            fileSize: options.tableFileSize, snapshots: snapshots.live(),
            hasVersionDeletes: hasVersionDeletes, below: plan.below,
            verifies: options.verifiesOutputs)
        let tables = CollectedTables(
            settings, files: files, rangeTombstones: tombstones,
            nextNumber: { [self] in nextFileNumber() })
        do throws(StoreError) {
            let merge = MergeCursor(sources)
            try merge.seekToFirst()
            while merge.isValid {
                try tables.add(merge.cell)
                try merge.next()
            }
            return try tables.finish()
        } catch {
            tables.abandon()
            throw error
        }
    }
}
