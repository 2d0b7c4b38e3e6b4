/// A daemon's hands: merges what a claim gives, in the store's directory.
package struct CompactionWorker: Sendable {
    private let directory: String
    private let environment: Environment

    /// - Parameters:
    ///   - directory: the store's, which another process has open.
    ///   - environment: its file system is where limits of speed are kept.
    package init(store directory: String, environment: Environment) {
        self.directory = directory
        self.environment = environment
    }

    /// Merges what is left of the job. Blocks.
    ///
    /// - Parameter listener: told of each finished table, durable, and of the row at which the rest
    ///   begins; false ends the work there.
    package func run(
        _ offer: JobBoard.Offer,
        listener: @escaping (TableMetadata, [UInt8]) throws(StoreError) -> Bool
    ) throws(StoreError) {
        let (job, progress) = (offer.job, offer.progress)
        guard job.formatVersion == TableFormat.version else {
            throw StoreError(.unsupported, "table format version \(job.formatVersion)")
        }
        guard progress.isComplete(job) || progress.tables < job.outputs.count else {
            throw StoreError(.invalidArgument, "no number is left for the job's next table")
        }
        let cache = BlockCache(budget: MemoryBudget(total: 0))
        let tables = TableFiles(
            directory: "\(directory)/\(FileName.tableDirectory)", environment: environment,
            cache: cache)
        let place = JobFiles(store: directory, environment.fileSystem)
            .claimDirectory(job.id, offer.token)
        try environment.fileSystem.createDirectory(place)
        func handles(_ levels: [[TableMetadata]]) -> [[TableHandle]] {
            levels.map { $0.map { TableHandle($0, files: tables) } }
        }
        let merge = CompactionMerge(
            job: job, inputs: handles(job.inputs), below: handles(job.below),
            files: TableFiles(directory: place, environment: environment, cache: cache))
        _ = try merge.run(from: progress, keepsFinished: true, listener: listener)
    }
}
