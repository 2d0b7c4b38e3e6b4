/// What a store's desk of compactions shows at one moment.
package struct CompactionStatus: Sendable, Equatable {
    package struct Daemon: Sendable, Equatable {
        package var id: UInt64
        package var name: String
        package var workers: UInt32
        package var memory: UInt64
        package var isTrusted: Bool
        /// Tables finished and their bytes, since it came.
        package var tables: UInt64
        package var bytes: UInt64

        package init(
            id: UInt64, name: String, workers: UInt32, memory: UInt64, isTrusted: Bool,
            tables: UInt64, bytes: UInt64
        ) {
            self.id = id
            self.name = name
            self.workers = workers
            self.memory = memory
            self.isTrusted = isTrusted
            self.tables = tables
            self.bytes = bytes
        }
    }

    package struct Job: Sendable, Equatable {
        package var id: UInt64
        package var table: String
        package var family: String
        package var reason: String
        package var level: UInt8
        package var state: JobBoard.State
        /// Who has claimed it; 0: nobody, or the server itself.
        package var daemon: UInt64
        package var inputBytes: UInt64
        package var tables: UInt32
        /// Bytes that the claimant has read and written so far.
        package var bytes: UInt64
        /// Since the claimant was heard of.
        package var silentMilliseconds: UInt64

        package init(
            id: UInt64, table: String, family: String, reason: String, level: UInt8,
            state: JobBoard.State, daemon: UInt64, inputBytes: UInt64, tables: UInt32,
            bytes: UInt64, silentMilliseconds: UInt64
        ) {
            self.id = id
            self.table = table
            self.family = family
            self.reason = reason
            self.level = level
            self.state = state
            self.daemon = daemon
            self.inputBytes = inputBytes
            self.tables = tables
            self.bytes = bytes
            self.silentMilliseconds = silentMilliseconds
        }
    }

    package var daemons: [Daemon] = []
    package var jobs: [Job] = []
    package var counts = JobBoard.Counts()

    package init() {}

    init(_ board: JobBoard, now: UInt64) {
        daemons = board.daemons.sorted { $0.key < $1.key }.map { id, daemon in
            Daemon(
                id: id, name: daemon.name, workers: UInt32(clamping: daemon.workers),
                memory: daemon.memory, isTrusted: daemon.isTrusted, tables: daemon.tables,
                bytes: daemon.bytes)
        }
        jobs = board.entries.map { entry in
            let silent = entry.claim.map { now - min(now, $0.heardAt) } ?? 0
            return Job(
                id: entry.job.id, table: entry.job.family.table,
                family: entry.job.family.schema.name, reason: entry.job.reason,
                level: entry.job.outputLevel, state: entry.state,
                daemon: entry.claim?.daemon ?? 0, inputBytes: entry.job.inputBytes,
                tables: UInt32(clamping: entry.outputs.count), bytes: entry.claim?.bytes ?? 0,
                silentMilliseconds: silent / 1_000_000)
        }
        counts = board.counts
    }

    /// Jobs in a state.
    package func count(_ state: JobBoard.State) -> Int { jobs.count { $0.state == state } }
}
