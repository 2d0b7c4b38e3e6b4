/// Runs a job, or what is left of it: the one place where tables are merged, for the server and for
/// daemons.
struct CompactionMerge {
    let job: CompactionJob
    /// As the job's.
    let inputs: [[TableHandle]]
    let below: [[TableHandle]]
    /// Where the outputs go.
    let files: TableFiles
    var verifies = false

    /// Merges from where `progress` says the rest begins. All tables told to `listener` are
    /// durable; what it returns says whether to go on.
    ///
    /// - Parameter keepsFinished: after an error the finished tables stay.
    /// - Returns: the tables written by this call, in order.
    func run(
        from progress: JobProgress, keepsFinished: Bool = false,
        listener: @escaping CollectedTables.Listener
    ) throws(StoreError) -> [TableMetadata] {
        if progress.isComplete(job) { return [] }
        let rest = RowRange(start: progress.rest, end: job.rows.end)
        let sources = try Sources(inputs, rest)
        var next = progress.tables
        let tables = CollectedTables(
            settings(sources, rest, progress), files: files,
            rangeTombstones: sources.rangeTombstones,
            nextIdentity: { [job] in
                defer { next += 1 }
                return job.outputs[next]
            }, listener: listener)
        do throws(StoreError) {
            try merge(sources.cells, rest, into: tables)
            return try tables.finish()
        } catch {
            tables.abandon(keepsFinished: keepsFinished)
            throw error
        }
    }

    private func merge(
        _ sources: [any CellSource], _ rows: RowRange, into tables: CollectedTables
    ) throws(StoreError) {
        let merge = MergeCursor(sources)
        if rows.start.isEmpty {
            try merge.seekToFirst()
        } else {
            try rows.start.withBytes { row throws(StoreError) in
                try merge.seek(CellPosition(startOf: row))
            }
        }
        let isBounded = !rows.end.isEmpty
        while merge.isValid, !tables.isStopped {
            let cell = merge.cell
            if isBounded, rows.isPast(cell.row) { return }
            try tables.add(cell)
            try merge.next()
        }
    }

    private func settings(
        _ sources: Sources, _ rows: RowRange, _ progress: JobProgress
    ) -> CollectedTables.Settings {
        CollectedTables.Settings(
            family: job.family, level: Int(job.outputLevel), compression: job.compression,
            fileSize: Int(clamping: job.fileSize), snapshots: job.snapshots,
            hasVersionDeletes: sources.hasVersionDeletes, below: below, verifies: verifies,
            now: job.now, tablesMax: max(1, job.outputs.count - progress.tables), rows: rows)
    }

    /// What the inputs hold of the rows.
    private struct Sources {
        private(set) var cells: [any CellSource] = []
        private(set) var rangeTombstones: [RangeTombstone] = []
        private(set) var hasVersionDeletes = false

        init(_ inputs: [[TableHandle]], _ rows: RowRange) throws(StoreError) {
            for level in inputs {
                let tables = level.filter { rows.meets($0.metadata) }
                for table in tables {
                    let reader = try table.reader()
                    rangeTombstones += reader.rangeTombstones
                    hasVersionDeletes =
                        hasVersionDeletes || reader.properties.deleteVersions > 0
                }
                guard let first = tables.first else { continue }
                if first.metadata.level > 0 {
                    cells.append(LevelSource(tables, fillCache: false))
                } else {
                    for table in tables {
                        cells.append(try TableSource(table, fillCache: false))
                    }
                }
            }
        }
    }
}
