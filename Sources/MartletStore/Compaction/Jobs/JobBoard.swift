/// Who does what of a plan's jobs, from their offer to the commit of their tables: a state machine
/// without I/O and without a clock. Times are monotonic nanoseconds.
///
///     submitted → claimed → running → written → checked → (committed with all of the plan)
///         ↑           └────────┴─ released, lease over ──┘
///         └─ a job that failed or was refused comes back for the server itself to run
///
/// A claim is known by a random token, which every word about the job must carry. What a claimant
/// has finished stays when the claim ends: the next one goes on behind it.
package struct JobBoard: Sendable {
    package struct Settings: Sendable, Equatable {
        /// A claimant that is not heard of for so long has lost its claims.
        package var lease: UInt64
        /// So has one whose work does not move for so long, however alive it is.
        package var stall: UInt64 = 60_000_000_000
        /// What nobody claims for so long, while no job of the plan moves, the server runs.
        package var patience: UInt64
        /// Claims of one job that may end without its end, before the server runs it.
        package var claimsMax = 4

        package init(lease: UInt64 = 10_000_000_000, patience: UInt64 = 2_000_000_000) {
            self.lease = lease
            self.patience = patience
        }
    }

    package enum State: String, Sendable, CaseIterable {
        case submitted, claimed, running, written, checked
    }

    /// A right to work on a job. Daemon 0 is the server itself.
    package struct Claim: Sendable, Equatable {
        package var daemon: UInt64
        package var token: UInt64
        var heardAt: UInt64
        var movedAt: UInt64
        package var bytes: UInt64 = 0
    }

    /// A finished table, and who wrote it.
    package struct Output: Sendable, Equatable {
        package var table: TableMetadata
        package var daemon: UInt64
        package var token: UInt64
        /// The row at which the job's rest begins behind the table.
        package var rest: [UInt8]
    }

    package struct Entry: Sendable {
        package let job: CompactionJob
        package internal(set) var state = State.submitted
        package internal(set) var claim: Claim?
        package internal(set) var outputs: [Output] = []
        package internal(set) var claims = 0
        /// When it last became free to be claimed.
        var freeSince: UInt64
        /// Whether only the server may run it.
        package internal(set) var isServersOwn = false

        package var progress: JobProgress {
            JobProgress(tables: outputs.count, rest: outputs.last?.rest ?? job.rows.start)
        }
    }

    package struct Daemon: Sendable, Equatable {
        package var name: String
        package var workers: Int
        /// Bytes that its merges may take together.
        package var memory: UInt64
        package internal(set) var isTrusted = true
        package internal(set) var tables: UInt64 = 0
        package internal(set) var bytes: UInt64 = 0

        package init(name: String, workers: Int, memory: UInt64) {
            self.name = name
            self.workers = workers
            self.memory = memory
        }
    }

    /// Counts since the board was made.
    package struct Counts: Sendable, Equatable {
        package var submitted: UInt64 = 0
        package var committed: UInt64 = 0
        package var failed: UInt64 = 0
        /// Claims that ended because nothing was heard or nothing moved.
        package var expired: UInt64 = 0
        /// Jobs that the server ran though a daemon was attached when they were submitted.
        package var fallbacks: UInt64 = 0
        /// Jobs whose tables did not stand the check.
        package var refused: UInt64 = 0
        /// Words of daemons that were not taken.
        package var refusals: UInt64 = 0
        /// Bytes of tables that daemons wrote and that were committed.
        package var daemonBytes: UInt64 = 0

        package init() {}
    }

    package let settings: Settings
    package internal(set) var daemons: [UInt64: Daemon] = [:]
    /// The jobs of the plan at hand, by rows.
    package internal(set) var entries: [Entry] = []
    package internal(set) var counts = Counts()
    /// Whether there may be something to claim that was not there when daemons last looked.
    package internal(set) var hasNews = false
    /// When a claim last ended.
    var lastMove: UInt64 = 0

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    func index(of job: UInt64) -> Int? { entries.firstIndex { $0.job.id == job } }

    package func entry(_ job: UInt64) -> Entry? { index(of: job).map { entries[$0] } }

    /// Workers of the daemons that may be given jobs.
    package var workers: Int {
        daemons.values.reduce(0) { $0 + ($1.isTrusted ? $1.workers : 0) }
    }

    /// Whether some daemon could take the job if it were idle.
    func isFit(_ job: CompactionJob) -> Bool {
        daemons.values.contains {
            $0.isTrusted && $0.workers > 0 && job.estimatedMemory <= $0.memory
        }
    }

    /// Offers a plan's jobs. There must be none of another plan.
    package mutating func submit(_ jobs: [CompactionJob], now: UInt64) {
        precondition(entries.isEmpty, "one plan at a time")
        entries = jobs.map { Entry(job: $0, freeSince: now) }
        counts.submitted += UInt64(jobs.count)
        lastMove = now
        hasNews = true
    }

    /// The plan is over: committed, or given up.
    package mutating func end(isCommitted: Bool) {
        if isCommitted {
            counts.committed += UInt64(entries.count)
            for output in entries.lazy.flatMap(\.outputs) where output.daemon > 0 {
                counts.daemonBytes += output.table.size
            }
        } else {
            counts.failed += UInt64(entries.count)
        }
        entries = []
    }

    /// Takes note that daemons were told of what there is.
    package mutating func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }
}
