/// Where a store's compaction lane and the sessions of daemons meet: the board under a lock, with
/// the clock. Nothing here does I/O, so sessions may call it from event loops.
///
/// `@unchecked Sendable`: board, listeners and flags are touched under `monitor` only.
package final class CompactionDesk: @unchecked Sendable {
    private let environment: Environment
    private let monitor: Monitor
    private var board: JobBoard
    private var listeners: [UInt64: @Sendable () -> Void] = [:]
    private var lastDaemon: UInt64 = 0
    private var isClosed = false
    private var isOpen = false
    private var isLaneWaiting = false

    init(settings: JobBoard.Settings, environment: Environment) {
        self.environment = environment
        monitor = Monitor(executor: environment.background)
        board = JobBoard(settings)
    }

    private var now: UInt64 { environment.clock.monotonicNanoseconds() }

    /// Changes the board, wakes the lane, and tells sessions that wait if there is something new.
    private func change<Value, Failure: Error>(
        _ body: (inout JobBoard) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        monitor.lock()
        defer { announce() }
        defer { monitor.unlock() }
        defer { monitor.broadcast() }
        return try body(&board)
    }

    private func announce() {
        let waiting = monitor.withLock { board.takeNews() ? Array(listeners.values) : [] }
        for tell in waiting { tell() }
    }

    // MARK: Daemons

    /// A daemon has come.
    ///
    /// - Parameter listener: called, from any thread, when there may be something to claim.
    /// - Returns: the number by which it is known until `detach`.
    package func attach(
        _ daemon: JobBoard.Daemon, listener: @escaping @Sendable () -> Void
    ) -> UInt64 {
        change { board in
            lastDaemon += 1
            board.attach(lastDaemon, daemon)
            listeners[lastDaemon] = listener
            return lastDaemon
        }
    }

    package func detach(_ daemon: UInt64) {
        change { board in
            listeners[daemon] = nil
            board.detach(daemon, now: now)
        }
    }

    /// A job for the daemon, if there is one that fits into `memory` bytes.
    package func claim(_ daemon: UInt64, memory: UInt64) -> JobBoard.Offer? {
        change { board in
            if isClosed { return nil }
            return board.claim(
                by: daemon, memory: memory, token: environment.random.next(), now: now)
        }
    }

    package func heard(_ job: UInt64, token: UInt64, bytes: UInt64) throws(JobRefusal) {
        try change { board throws(JobRefusal) in
            try board.heard(job, token: token, bytes: bytes, now: now)
        }
    }

    package func finished(
        _ table: TableMetadata, of job: UInt64, token: UInt64, rest: [UInt8]
    ) throws(JobRefusal) {
        try change { board throws(JobRefusal) in
            try board.finished(table, of: job, token: token, rest: rest, now: now)
        }
    }

    package func written(_ job: UInt64, token: UInt64) throws(JobRefusal) {
        try change { board throws(JobRefusal) in
            try board.written(job, token: token, now: now)
        }
    }

    package func release(_ job: UInt64, token: UInt64) throws(JobRefusal) {
        try change { board throws(JobRefusal) in
            try board.release(job, token: token, now: now)
        }
    }

    package func failed(_ job: UInt64, token: UInt64) throws(JobRefusal) {
        try change { board throws(JobRefusal) in
            try board.failed(job, token: token, now: now)
        }
    }

    /// What there is at this moment.
    package func status() -> CompactionStatus {
        monitor.withLock { CompactionStatus(board, now: now) }
    }

    // MARK: The lane

    /// Workers of the daemons that may be given jobs; 0: the server compacts by itself.
    var workers: Int { monitor.withLock { isClosed ? 0 : board.workers } }

    /// Offers a plan's jobs, when no other plan is under way.
    func submit(_ jobs: [CompactionJob]) {
        monitor.lock()
        while isOpen { monitor.wait() }
        isOpen = true
        monitor.unlock()
        change { board in board.submit(jobs, now: now) }
    }

    /// The lane's next step; waits while there is none. `nil` when the store is being closed.
    func next() -> JobBoard.Step? {
        while true {
            let step = monitor.withLock { () -> JobBoard.Step? in
                if isClosed { return nil }
                let step = board.next(now: now, token: environment.random.next())
                // Daemons are told of what is free again before the lane sleeps.
                if case .wait(let nanoseconds) = step, !board.hasNews {
                    isLaneWaiting = true
                    monitor.wait(microseconds: nanoseconds / 1_000 + 1)
                    isLaneWaiting = false
                }
                return step
            }
            announce()
            guard case .wait? = step else { return step }
        }
    }

    func accept(_ job: UInt64) { change { $0.accept(job) } }

    func refuse(_ job: UInt64, output: Int) {
        change { board in board.refuse(job, output: output, now: now) }
    }

    func add(_ table: TableMetadata, rest: [UInt8], to job: UInt64) {
        change { board in board.add(table, rest: rest, to: job) }
    }

    func finishOwn(_ job: UInt64) { change { $0.finishOwn(job) } }

    func end(isCommitted: Bool) {
        change { board in
            board.end(isCommitted: isCommitted)
            isOpen = false
        }
    }

    /// Gives up the plan under way and offers nothing any more.
    func close() {
        change { _ in isClosed = true }
    }

    /// Whether the lane waits for daemons; in simulation, whoever moves time asks.
    package var isWaiting: Bool { monitor.withLock { isLaneWaiting } }
}
