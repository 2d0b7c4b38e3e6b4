extension Store {
    /// Merges a plan's tables into new ones of its output level: by daemons if there are some,
    /// else here.
    ///
    /// The new tables and their names are durable before the manifest names them; the old ones are
    /// removed only when that edit is durable and their last reader is gone (F1, F2).
    func run(_ plan: CompactionPlan, in tree: Tree) throws(StoreError) {
        let workers = desk.workers
        let leftovers = jobFiles
        if !leftovers.isEmpty { leftovers.removeAll() }
        if plan.reason == .expired {
            try commit(plan, [], tree)
        } else if workers == 0 {
            let job = jobs(of: plan, tree, parts: 1)[0]
            try commit(plan, try merge(job, plan), tree)
        } else {
            try runAtDesk(plan, jobs(of: plan, tree, parts: workers), tree)
        }
    }

    var jobFiles: JobFiles { JobFiles(store: directory, environment.fileSystem) }

    /// The plan as jobs that have no row in common, in the order of rows.
    func jobs(of plan: CompactionPlan, _ tree: Tree, parts: Int) -> [CompactionJob] {
        let split = PlanSplit(
            plan.tables.map(\.metadata), parts: parts,
            bytesMin: 2 * UInt64(options.tableFileSize))
        let (live, now) = (snapshots.live(), environment.clock.now())
        return split.ranges.map { rows in
            func part(_ tables: [TableHandle]) -> [TableMetadata] {
                tables.map(\.metadata).filter { rows.meets($0) }
            }
            let inputs = plan.inputs.map { part($0.tables) }.filter { !$0.isEmpty }
            let bytes = inputs.joined().reduce(0) { $0 + $1.size }
            let outputs = Int(clamping: 2 * bytes / UInt64(max(options.tableFileSize, 1))) + 4
            return CompactionJob(
                id: environment.random.next(), family: tree.family,
                reason: plan.reason.rawValue, inputs: inputs, below: plan.below.map(part),
                outputLevel: UInt8(plan.outputLevel), rows: rows, snapshots: live, now: now,
                fileSize: UInt64(options.tableFileSize),
                outputs: nextTableIdentities(min(outputs, CompactionJob.outputsMax)))
        }
    }

    /// Runs the job here, or what is left of it. What it wrote is removed if it fails.
    func merge(
        _ job: CompactionJob, _ plan: CompactionPlan, from progress: JobProgress? = nil,
        listener: @escaping CollectedTables.Listener = { (_, _) throws(StoreError) in true }
    ) throws(StoreError) -> [TableMetadata] {
        let handles = plan.tables + plan.below.flatMap { $0 }
        let byNumber = Dictionary(
            handles.map { ($0.metadata.number, $0) }, uniquingKeysWith: { first, _ in first })
        func tables(_ levels: [[TableMetadata]]) -> [[TableHandle]] {
            levels.map { $0.compactMap { byNumber[$0.number] } }
        }
        let merge = CompactionMerge(
            job: job, inputs: tables(job.inputs), below: tables(job.below), files: files,
            verifies: options.verifiesOutputs)
        return try merge.run(from: progress ?? .start(of: job), listener: listener)
    }

    /// Puts the outputs, which are durable, in the place of the plan's tables: one edit (C7).
    func commit(
        _ plan: CompactionPlan, _ outputs: [TableMetadata], _ tree: Tree
    ) throws(StoreError) {
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
}
