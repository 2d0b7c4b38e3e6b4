extension Store {
    /// Runs a plan by offering its jobs at the desk. Jobs that nobody takes in time, or that failed
    /// elsewhere, are run here. Blocks until the plan is committed or has failed.
    func runAtDesk(
        _ plan: CompactionPlan, _ jobs: [CompactionJob], _ tree: Tree
    ) throws(StoreError) {
        try jobFiles.create(jobs)
        desk.submit(jobs)
        var installed: [TableMetadata] = []
        var isCommitted = false
        defer {
            desk.end(isCommitted: isCommitted)
            jobFiles.removeAll()
        }
        do throws(StoreError) {
            while let step = desk.next() {
                switch step {
                case .wait: continue
                case .check(let entry):
                    if check(entry, plan) { desk.accept(entry.job.id) }
                case .run(let entry):
                    try runHere(entry, plan, &installed)
                case .commit(let entries):
                    try requireLive(plan, tree)
                    try install(entries, &installed)
                    let outputs = entries.flatMap(\.outputs).map(\.table)
                    // What fails from here on is the commit's to clean up.
                    installed = []
                    try commit(plan, outputs, tree)
                    isCommitted = true
                    return
                }
            }
            throw StoreError(.closed, "the store is being closed", path: directory)
        } catch {
            installed.forEach { files.discard($0.number) }
            throw error
        }
    }

    /// Whether what daemons wrote of the job may become part of the store. If not, it is refused.
    private func check(_ entry: JobBoard.Entry, _ plan: CompactionPlan) -> Bool {
        let outputs = entry.outputs
        if outputs.isEmpty { return true }
        let numbers = Set(entry.job.inputs.joined().map(\.number))
        let check = OutputCheck(
            job: entry.job, inputs: plan.tables.filter { numbers.contains($0.metadata.number) })
        do throws(OutputCheck.Fault) {
            let files = try syncedFiles(outputs, of: entry.job.id)
            try check.run(outputs, files)
            for file in files { file.dropPageCache() }
            return true
        } catch {
            desk.refuse(entry.job.id, output: error.output)
            return false
        }
    }

    /// Opens outputs of daemons and makes their bytes durable: that they are is not believed.
    private func syncedFiles(
        _ outputs: [JobBoard.Output], of job: UInt64
    ) throws(OutputCheck.Fault) -> [any File] {
        var files: [any File] = []
        for (index, output) in outputs.enumerated() {
            do throws(StoreError) {
                let path = jobFiles.path(output, of: job)
                let file = try environment.fileSystem.open(path, .readWrite)
                try file.sync()
                files.append(file)
            } catch {
                throw OutputCheck.Fault(output: index, reason: error.description)
            }
        }
        return files
    }

    /// Runs a job here, behind what daemons have finished of it if that stands the check.
    private func runHere(
        _ entry: JobBoard.Entry, _ plan: CompactionPlan, _ installed: inout [TableMetadata]
    ) throws(StoreError) {
        guard check(entry, plan) else { return }
        let id = entry.job.id
        installed += try merge(entry.job, plan, from: entry.progress) {
            [desk] (table, rest) throws(StoreError) in
            desk.add(table, rest: rest, to: id)
            return true
        }
        desk.finishOwn(id)
    }

    /// Moves what daemons wrote among the store's tables, names durable. Numbers that are moved are
    /// added to `installed` at once, so that a failure leaves nothing behind.
    private func install(
        _ entries: [JobBoard.Entry], _ installed: inout [TableMetadata]
    ) throws(StoreError) {
        for entry in entries {
            for output in entry.outputs where output.daemon > 0 {
                installed.append(output.table)
                try environment.fileSystem.rename(
                    jobFiles.path(output, of: entry.job.id),
                    to: files.path(output.table.number))
            }
        }
        try files.syncDirectory()
    }

    /// That the plan's tables are still those of the tree. Nobody else replaces tables while a plan
    /// is under way; a commit is too much to rest on that alone.
    private func requireLive(_ plan: CompactionPlan, _ tree: Tree) throws(StoreError) {
        let live = Set(tree.currentView.version.tables.map(\.metadata.number))
        guard plan.tables.allSatisfy({ live.contains($0.metadata.number) }) else {
            throw StoreError(.busy, "an input of a compaction is gone", path: directory)
        }
    }
}
