import Synchronization

/// What the pipeline needs of the store around it.
protocol CommitTarget: AnyObject, Sendable {
    /// Whether a group of `bytes` may be written now; may hold the caller back for a bounded time.
    func admit(bytes: Int) throws(StoreError)
    /// Applies a logged group to the memtables and makes it visible. Called by one thread at a
    /// time, in log order.
    func apply(_ group: [CommitRequest], loggedIn segment: UInt64) throws(StoreError)
    /// Some time has passed without work: see whether anything is due by age.
    func tick()
    /// The log can no longer be trusted: no later write may be acknowledged.
    func poison(_ error: StoreError)
}

/// The path of every write: queue → log → sync → memtable → visible → acknowledged.
///
/// Two stages that overlap. *Logging*: a leader takes all that waits, gives out sequence numbers,
/// writes one piece of log and syncs it if any writer asked for that. *Applying*: in ticket order,
/// the group goes to the memtables, becomes visible and is acknowledged. Nothing is visible before
/// its group is as durable as asked, and groups become visible in sequence order (W2).
///
/// A group that must be on followers' disks first is parked when its turn has come, and all behind
/// it are: their threads go on, and `settle` applies them when they are decided (N5).
///
/// `@unchecked Sendable`: `queue` and `unapplied` are touched under `monitor`; `sequence`
/// and `log` only by the leader, of which there is one, each handing over to the next
/// through `monitor`; `parked`, `isClosing` and
/// `isAbandoned` under `order`.
final class CommitPipeline: @unchecked Sendable {
    private let monitor: Monitor
    private let order: Monitor
    private var queue = CommitQueue()
    private var parked = ParkedGroups()
    private var isClosing = false
    /// A group was given up when the store was closed, so none behind it may be applied.
    private var isAbandoned = false
    private let parkedBytes = Atomic<Int>(0)
    private var unapplied: [UInt64: UInt64] = [:]
    private var sequence: UInt64
    private let timestamp: Atomic<UInt64>
    private let log: LogWriter
    private let clock: any StoreClock
    private let background: any BackgroundExecutor
    private var isStopping = false
    private var commitThreadWork = false
    private var commitThreadEnded = true
    private let replication: ReplicationGate
    private let replicationTimeout: UInt64
    private unowned let target: any CommitTarget

    /// - Parameters:
    ///   - sequence: the last sequence given out before.
    ///   - timestamp: the last store timestamp given out before.
    ///   - replicationTimeout: microseconds that a blocking writer waits for followers.
    init(
        log: LogWriter, environment: Environment, sequence: UInt64, timestamp: UInt64,
        replication: ReplicationGate, replicationTimeout: UInt64, target: any CommitTarget
    ) {
        background = environment.background
        monitor = Monitor(executor: environment.background)
        order = Monitor()
        self.log = log
        self.clock = environment.clock
        self.sequence = sequence
        self.timestamp = Atomic(timestamp)
        self.replication = replication
        self.replicationTimeout = replicationTimeout
        self.target = target
    }

    /// Starts the thread that leads for requests which nobody waits for.
    func start() {
        guard background.hasThreads else { return }
        commitThreadEnded = false
        background.spawn("martlet-commit") { [self] in runCommitThread() }
    }

    /// Commits `batch` and returns its last sequence. Blocks.
    func write(
        _ batch: BatchStorage, _ durability: Durability.Level
    ) throws(StoreError) -> UInt64 {
        let request = CommitRequest(batch, durability, waitsWith: background)
        switch try enqueue(request) {
        case .lead:
            lead()
        case .follow:
            break
        case .refuse, .wakeCommitThread:
            preconditionFailure("a waited-for request leads or follows")
        }
        while true {
            switch request.wait() {
            case .promoted: lead()
            case .parked: return try decision(of: request)
            case .done(let result): return try result.get()
            }
        }
    }

    private func decision(of request: CommitRequest) throws(StoreError) -> UInt64 {
        do throws(StoreError) {
            return try request.decision(within: replicationTimeout, clock)
        } catch {
            if error.code == .indefinite { replication.timedOut(1) }
            throw error
        }
    }

    /// Commits and bytes that are logged and wait for followers, or behind such ones. Any thread.
    var waiting: (commits: Int, bytes: Int) { order.withLock { (parked.commits, parked.bytes) } }

    /// Commits `batch` without blocking; `completion` is called in the order of submission.
    func submit(
        _ batch: BatchStorage, _ durability: Durability.Level,
        completion: @escaping @Sendable (Result<UInt64, StoreError>) -> Void
    ) {
        let request = CommitRequest(batch, durability, completion: completion)
        do throws(StoreError) {
            if try enqueue(request) == .wakeCommitThread { wakeCommitThread() }
        } catch {
            completion(.failure(error))
        }
    }

    private func enqueue(_ request: CommitRequest) throws(StoreError) -> CommitQueue.Entry {
        let entry = monitor.withLock { isStopping ? nil : queue.enqueue(request) }
        guard let entry else { throw StoreError(.closed, "the store is closed") }
        let isFull = parkedBytes.load(ordering: .relaxed) > CommitQueue.waitingBytesMax
        guard entry != .refuse, !isFull else {
            throw StoreError(.busy, "too many bytes wait to be committed")
        }
        return entry
    }

    /// The last store timestamp given out. Any thread.
    var lastTimestamp: UInt64 { timestamp.load(ordering: .relaxed) }

    /// What is written from now on follows what a follower has applied. Nobody may lead meanwhile.
    func goOn(behind sequence: UInt64, timestamp: UInt64) {
        self.sequence = sequence
        self.timestamp.store(max(timestamp, lastTimestamp), ordering: .relaxed)
    }

    /// The oldest segment that holds a batch not yet in a memtable.
    func oldestUnappliedSegment() -> UInt64? {
        monitor.withLock { unapplied.values.min() }
    }

    /// Waits until nothing is on its way, and ends the commit thread. Nothing may be written after.
    func stop() {
        monitor.withLock {
            isStopping = true
            monitor.broadcast()
            while background.hasThreads ? !commitThreadEnded : !queue.isIdle { monitor.wait() }
        }
        // What is parked stays in the log, and the next opening finds it there.
        order.withLock { isClosing = true }
        settle()
    }
}

extension CommitPipeline {
    private enum Turn { case works, ticked, ended }

    /// How often the commit thread looks at the ages of memtables while it is idle.
    private static let tickMicroseconds: UInt64 = 1_000_000

    private func wakeCommitThread() {
        guard background.hasThreads else {
            // Simulation: its turn comes among the waiting jobs, as a thread's would at any moment.
            return background.submit(.flush) { [self] in lead() }
        }
        monitor.withLock {
            commitThreadWork = true
            monitor.broadcast()
        }
    }

    private func runCommitThread() {
        while true {
            let turn = monitor.withLock { () -> Turn in
                while !commitThreadWork {
                    if isStopping, queue.isIdle {
                        commitThreadEnded = true
                        monitor.broadcast()
                        return .ended
                    }
                    monitor.wait(microseconds: isStopping ? 1_000 : Self.tickMicroseconds)
                    if !commitThreadWork, !isStopping { break }
                }
                guard commitThreadWork else { return .ticked }
                commitThreadWork = false
                return .works
            }
            switch turn {
            case .ended: return
            case .ticked: target.tick()
            case .works: lead()
            }
        }
    }

    /// Logs one group, passes leadership on, then applies the group when its turn has come.
    private func lead() {
        let (group, ticket) = monitor.withLock { queue.takeGroup() }
        var failure: StoreError?
        do throws(StoreError) {
            try logGroup(group, ticket)
        } catch {
            failure = error
        }
        let successor = monitor.withLock { queue.passLeadership() }
        switch successor {
        case .nobody: break
        case .waiter(let request): request.promote()
        case .commitThread: wakeCommitThread()
        }
        applyGroup(group, ticket, failure: failure)
    }

    private func logGroup(_ group: [CommitRequest], _ ticket: UInt64) throws(StoreError) {
        var bytes = 0
        var loggedBytes = 0
        var loggedCount = 0
        var needsSync = false
        for request in group {
            bytes += request.batch.count
            if request.durability == .skipLog { continue }
            if request.durability.isSynced { needsSync = true }
            loggedBytes += BatchFormat.timestampSize + request.batch.count
            loggedCount += 1
        }
        try target.admit(bytes: bytes)
        do throws(StoreError) {
            try log.begin(records: loggedCount, payloadBytes: loggedBytes)
            let segment = log.currentSegment
            monitor.withLock { unapplied[ticket] = segment }
            try addToLog(group)
            try log.write()
            replication.appended(log)
            if needsSync { try log.sync() }
        } catch {
            // Refused for want of space, before anything was written, the log is as it was.
            if !error.isRetryable { target.poison(error) }
            throw error
        }
    }

    private func addToLog(_ group: [CommitRequest]) throws(StoreError) {
        let now = clock.now()
        for request in group {
            let count = UInt64(request.batch.mutations)
            request.firstSequence = sequence + 1
            request.timestamp = max(lastTimestamp + 1, now)
            timestamp.store(request.timestamp, ordering: .relaxed)
            sequence += count
            if request.durability == .skipLog { continue }
            try log.add(
                sequence: request.firstSequence, count: count, timestamp: request.timestamp,
                rest: request.batch.bytes)
        }
    }

    private func applyGroup(_ group: [CommitRequest], _ ticket: UInt64, failure: StoreError?) {
        let logged = LoggedGroup(requests: group, ticket: ticket, failure: failure)
        if let settled = takeTurn(logged) { apply(settled) }
    }

    /// Waits for the group's turn, which says what becomes of it; `nil` if it was parked.
    private func takeTurn(_ logged: LoggedGroup) -> LoggedGroup? {
        order.withLock {
            while true {
                if parked.isNext(logged), let settled = settled(logged) { return settled }
                if parked.isNext(logged) || !parked.isEmpty {
                    for request in logged.requests where request.isWaitedFor { request.park() }
                    parked.park(logged)
                    parkedBytes.store(parked.bytes, ordering: .relaxed)
                    order.broadcast()
                    return nil
                }
                order.wait()
            }
        }
    }

    /// Applies the parked groups that are decided, on the calling thread: after followers have
    /// reported, or the store was deposed.
    func settle() {
        while let logged = order.withLock({ takeSettled() }) { apply(logged) }
    }

    /// Holds: `order`.
    private func takeSettled() -> LoggedGroup? {
        guard let next = parked.next, let settled = settled(next) else { return nil }
        parked.removeNext()
        parkedBytes.store(parked.bytes, ordering: .relaxed)
        return settled
    }

    /// The group whose turn it is, with the reason if it is not to be applied; `nil` if nobody
    /// knows yet. What is refused here is in the log, and those who have it decide. Holds: `order`,
    /// so that nothing is decided between the asking and the parking.
    private func settled(_ logged: LoggedGroup) -> LoggedGroup? {
        var logged = logged
        if logged.failure != nil { return logged }
        switch replication.verdict(upTo: logged.lastSequence, at: logged.followers) {
        case .applies: break
        case .fenced:
            logged.failure = StoreError(
                .fenced, "another store was promoted; it decides what became of it")
        case .undecided:
            guard isClosing else { return nil }
            isAbandoned = true
        }
        if isAbandoned, logged.failure == nil {
            logged.failure = StoreError(.indefinite, "closed before followers had it")
        }
        return logged
    }

    private func apply(_ logged: LoggedGroup) {
        let (group, ticket) = (logged.requests, logged.ticket)
        var failure = logged.failure
        if failure == nil {
            do throws(StoreError) {
                let segment = monitor.withLock { unapplied[ticket] ?? 0 }
                try target.apply(group, loggedIn: segment)
            } catch {
                target.poison(error)
                failure = error
            }
        }
        for request in group where !request.isWaitedFor {
            request.finish(result(of: request, failure))
        }
        // What was logged and fenced, or given up at the end, is in no memtable, and whoever has it
        // decides: it stays in the log until an opening has read it.
        if failure?.isRetryable ?? true {
            monitor.withLock { _ = unapplied.removeValue(forKey: ticket) }
        }
        order.withLock {
            parked.advance()
            order.broadcast()
        }
        for request in group where request.isWaitedFor {
            request.finish(result(of: request, failure))
        }
    }

    private func result(
        of request: CommitRequest, _ failure: StoreError?
    ) -> Result<UInt64, StoreError> {
        if let failure { return .failure(failure) }
        return .success(request.lastSequence)
    }
}
