import MartletStore

/// The shell around the ledger: lanes of waiting procedures, reads on the reader pool, one commit
/// under way, on a thread of its own.
///
/// Procedures of one lane (one user's) are taken up in the order they came; a lane is worked on by
/// one thread at a time. One of which memory knows all is decided at once, on the caller's thread.
///
/// `@unchecked Sendable`: `rows` is touched by the commit thread only, all other mutable state
/// under `monitor` only.
final class LedgerDesk: @unchecked Sendable {
    typealias Reply = @Sendable (Result<Answer, ChatError>) -> Void

    /// Who is told of commits, on the commit thread.
    struct Observer: Sendable {
        /// Its events, before its answers: who reads after an answer finds what it acknowledges.
        var events: @Sendable ([Delivery]) -> Void
        /// All its answers have been given.
        var answered: @Sendable () -> Void = {}
    }

    struct Caller: Sendable {
        var procedure: any Procedure
        var cost: Int
        /// The lane, if the caller chose one.
        var lane: UInt64?
        /// Its place in the order in which requests came in.
        var number: UInt64 = 0
        /// The kept send that it repeats.
        var claim: UInt64?
        /// Whether it waits for followers however long they take, or was told that it has to.
        var isPatient = false
        var reply: Reply
    }

    struct Job {
        var caller: Caller
        /// What is pinned for it; `nil` before it was begun.
        var facts: [Fact]?
        /// Failed commits before it was begun.
        var failuresBefore = 0
        /// When a send began to wait in its lane, in nanoseconds of a clock that never steps back.
        var waitsSince: UInt64?
    }

    let store: Store
    let options: ChatOptions
    let encoder: GroupEncoder
    private let facts: FactReader
    private let pool: WorkPool
    /// Where sends go that the store cannot take.
    let failed: FailedDesk?
    let monitor = Monitor()
    @exclusivity(unchecked) var ledger: Ledger<Caller>
    /// Waiting procedures; a lane that exists is being worked on or will be.
    @exclusivity(unchecked) var lanes: [UInt64: [Job]] = [:]
    /// Chosen lanes that met a failure: nothing goes in any more, so that what of them is stored is
    /// a beginning of what was sent.
    var closedLanes: Set<UInt64> = []
    /// What commits are done with. Whoever submits next lets go of it: that is mostly the thread
    /// that has made it, and memory that goes back to another thread costs both.
    var retired: [Ledger<Caller>.Entry] = []
    /// Failed commits so far: what was begun before one is not admitted after it.
    var failures = 0
    /// Rows changed past the ledger so far: what was read before is not learned after it.
    private var forgotten = 0
    /// Users whose accounts are being deleted, or were in this process: nothing is taken from them.
    private var shutOut: Set<UserID> = []
    private var requests = 0
    /// Requests that came in, this time and before.
    private(set) var arrivals: UInt64
    private var requestBytes = 0
    var refusal: ChatError?
    var observer: Observer?
    /// The rows of the group under way; the commit thread's.
    @exclusivity(unchecked) var rows = RowBatch(capacity: 4 << 10)
    let clock: any StoreClock
    private var assignmentObserver: (@Sendable (UInt64) -> Void)?
    /// Stores the groups. Without threads (in simulation) whoever begins one submits it.
    let thread: CommitThread?

    /// Jobs that a thread takes from a lane at once.
    private static let laneTake = 64
    private static let bytesUnderWay = 64 << 20
    static let retiredMost = 256

    init(
        store: Store, schema: ChatSchema, directory: Directory, pool: WorkPool,
        failed: FailedDesk?, options: ChatOptions, environment: Environment
    ) {
        self.store = store
        self.failed = failed
        arrivals = failed?.lastID ?? 0
        encoder = GroupEncoder(schema: schema, repeatLifetime: options.repeatLifetime)
        facts = FactReader(store: store, schema: schema, directory: directory)
        self.pool = pool
        self.options = options
        clock = environment.clock
        refusal = options.isReadOnly ? .readOnly : nil
        ledger = Ledger(cacheEntries: options.cacheEntries, groupCost: options.commitBytes)
        thread =
            environment.background.hasThreads
            ? CommitThread(
                pace: CommitPace(
                    interval: options.commitInterval, busyInterval: options.busyCommitInterval),
                environment: environment) : nil
        thread?.start(environment.background) { [self] in commitOne() }
    }

    func setObserver(_ observer: Observer) {
        monitor.withLock { self.observer = observer }
    }

    /// Has `body` called, under the monitor, with the microseconds that a send has waited in its
    /// lane before it got its number. One that is decided at once has not waited.
    func setAssignmentObserver(_ body: @escaping @Sendable (UInt64) -> Void) {
        monitor.withLock { assignmentObserver = body }
    }

    /// Takes a procedure; `lane` is the user's unless the caller wants an order of its own.
    func submit(
        _ procedure: any Procedure, lane chosen: UInt64? = nil, isPatient: Bool = false,
        _ reply: @escaping Reply
    ) {
        let lane = chosen ?? procedure.user.rawValue
        var job = Job(
            caller: Caller(
                procedure: procedure, cost: procedure.cost, lane: chosen,
                isPatient: isPatient || chosen != nil, reply: reply))
        var result: Result<Answer, ChatError>?
        var retired: [Ledger<Caller>.Entry] = []
        let next: Next = monitor.withLock {
            swap(&retired, &self.retired)
            arrive(&job.caller)
            if let refused = refusal(of: job.caller) ?? refusal(of: procedure) {
                result = .failure(refused)
                putAside(&job.caller, refused)
                return .nothing
            }
            requests += 1
            requestBytes += job.caller.cost
            if lanes[lane] != nil {
                beginWaiting(&job)
                lanes[lane, default: []].append(job)
                return .nothing
            }
            if learnFromMemory(begin(&job)) {
                switch admit(&job) {
                case .waits: return startCommit()
                case .done(let known):
                    result = known
                    settle(job.caller)
                    return .nothing
                case .incomplete: break
                }
            }
            beginWaiting(&job)
            lanes[lane] = [job]
            if !pool.submit(force: true, { [self] in work(lane) }) {
                lanes[lane] = nil
                ledger.abandon(job.facts ?? [])
                settle(job.caller)
                result = .failure(Self.closing)
            }
            return .nothing
        }
        go(on: next)
        if let result { answer(job.caller, result) }
    }

    /// Refuses what comes, and returns when all that was taken has its answer.
    func close() {
        var last: [Ledger<Caller>.Entry] = []
        monitor.withLock {
            refusal = refusal ?? Self.closing
            while requests > 0 { monitor.wait() }
            swap(&last, &retired)
        }
        thread?.stop()
    }

    /// As `submit`, waiting for the reply. Blocks: never on the reader pool, which does the work.
    func ask(_ procedure: any Procedure, _ environment: Environment) -> Result<Answer, ChatError> {
        let awaited = Awaited<Result<Answer, ChatError>>(Monitor(executor: environment.background))
        submit(procedure, isPatient: true) { awaited.set($0) }
        return awaited.wait()
    }

    /// From now on nothing is taken from this user but the steps of the deletion. What was taken
    /// before has been decided when the next step is.
    func shutOut(_ user: UserID) {
        monitor.withLock { _ = shutOut.insert(user) }
    }

    /// Rows that no procedure changes have been changed past the ledger.
    func forget(_ keys: [FactKey]) {
        monitor.withLock {
            forgotten += 1
            for key in keys { ledger.forget(key) }
        }
    }

    // MARK: Deciding, under the monitor

    private func refusal(of caller: Caller) -> ChatError? {
        if let refusal { return refusal }
        if let lane = caller.lane, closedLanes.contains(lane) { return Self.retry }
        guard requests < options.sendsUnderWay,
            requestBytes + caller.cost <= Self.bytesUnderWay
        else { return .busy }
        return nil
    }

    private func refusal(of procedure: any Procedure) -> ChatError? {
        if shutOut.isEmpty || procedure.isOfDeletion { return nil }
        return shutOut.contains(procedure.user) ? Self.deleted : nil
    }

    /// What `job` needs, known or not.
    private func begin(_ job: inout Job) -> [Fact] {
        if let facts = job.facts { return facts }
        let facts = ledger.begin(job.caller.procedure)
        job.facts = facts
        job.failuresBefore = failures
        return facts
    }

    /// Learns what memory tells of facts that are not known; false where one must be read. A
    /// client's message id is new nearly always, and the filters of the tables tell so.
    private func learnFromMemory(_ pinned: [Fact]) -> Bool {
        for fact in pinned where !fact.isKnown {
            guard let value = facts.fromMemory(fact.key) else { return false }
            ledger.learn(fact, value)
        }
        return true
    }

    enum Decision {
        /// The reply comes with a group.
        case waits
        case done(Result<Answer, ChatError>)
        case incomplete
    }

    private func admit(_ job: inout Job) -> Decision {
        if let refusal, refusal != Self.closing { return drop(&job, refusal) }
        if job.failuresBefore != failures { return drop(&job, Self.retry) }
        // A message to a large group is little to ask for and much to store.
        if ledger.cost >= Self.bytesUnderWay { return drop(&job, .busy) }
        var pinned = job.facts ?? []
        job.facts = nil
        defer { job.facts = pinned }
        switch ledger.admit(job.caller.procedure, &pinned, job.caller) {
        case .answered(let answer):
            return .done(.success(answer))
        case .refused(let error):
            if let lane = job.caller.lane { closedLanes.insert(lane) }
            return .done(.failure(error))
        case .joined(let isRefused):
            if isRefused, let lane = job.caller.lane { closedLanes.insert(lane) }
            return .waits
        case .incomplete:
            return .incomplete
        }
    }

    func drop(_ job: inout Job, _ error: ChatError) -> Decision {
        ledger.abandon(job.facts ?? [])
        if let lane = job.caller.lane { closedLanes.insert(lane) }
        putAside(&job.caller, error)
        return .done(.failure(error))
    }

    /// Numbers a request. It decides from now on what becomes of a kept send that it repeats.
    private func arrive(_ caller: inout Caller) {
        arrivals += 1
        caller.number = arrivals
        if let failed, failed.hasEntries, let send = caller.keepable {
            caller.claim = failed.claim(send)
        }
    }

    func settle(_ caller: Caller) {
        requestBytes -= caller.cost
        requests -= 1
        if requests == 0 { monitor.broadcast() }
    }

    // MARK: Lanes

    private func work(_ lane: UInt64) {
        var (jobs, unknown, before) = monitor.withLock { () -> ([Job], [[Fact]], Int) in
            var jobs = Array(lanes[lane, default: []].prefix(Self.laneTake))
            lanes[lane, default: []].removeFirst(jobs.count)
            var unknown: [[Fact]] = []
            for place in jobs.indices {
                unknown.append(begin(&jobs[place]).filter { !$0.isKnown })
            }
            return (jobs, unknown, forgotten)
        }
        let found = unknown.map { pinned in facts.read(pinned.map(\.key)) }
        var done: [(Caller, Result<Answer, ChatError>)] = []
        let (next, goesOn) = monitor.withLock { () -> (Next, Bool) in
            for (pinned, result) in zip(unknown, found) where forgotten == before {
                guard case .success(let values) = result else { continue }
                for (fact, value) in zip(pinned, values) { ledger.learn(fact, value.1) }
            }
            decide(&jobs, found, lane, &done)
            for (caller, _) in done { settle(caller) }
            let goesOn = lanes[lane]?.isEmpty == false
            if !goesOn { lanes[lane] = nil }
            return (startCommit(), goesOn)
        }
        go(on: next)
        for (caller, result) in done { answer(caller, result) }
        if goesOn { _ = pool.submit(force: true) { [self] in work(lane) } }
    }

    /// In the order of the lane. The first that needs more facts goes back with all behind it.
    private func decide(
        _ jobs: inout [Job], _ found: [Result<[(FactKey, FactValue)], ChatError>],
        _ lane: UInt64, _ done: inout [(Caller, Result<Answer, ChatError>)]
    ) {
        for place in jobs.indices {
            let decision: Decision
            if case .failure(let error) = found[place] {
                decision = drop(&jobs[place], error)
            } else {
                decision = admit(&jobs[place])
            }
            switch decision {
            case .waits: endWaiting(jobs[place])
            case .done(let result): done.append((jobs[place].caller, result))
            case .incomplete:
                lanes[lane, default: []].insert(contentsOf: jobs[place...], at: 0)
                return
            }
        }
    }

    private func beginWaiting(_ job: inout Job) {
        if assignmentObserver != nil, job.caller.procedure is SendMessage {
            job.waitsSince = clock.monotonicNanoseconds()
        }
    }

    private func endWaiting(_ job: Job) {
        guard let since = job.waitsSince else { return }
        assignmentObserver?((clock.monotonicNanoseconds() - since) / 1_000)
    }

    static let closing = ChatError(
        .unavailable, "the server stops", retryAfterMilliseconds: 1_000)
    /// What had not been logged when the server gave up waiting for followers.
    static let ended = ChatError(
        .unavailable, "the server has stopped", retryAfterMilliseconds: 1_000)
    private static let deleted = ChatError(.unauthorized, "the account is deleted")
    static let retry = ChatError(
        .unavailable, "the store could not write", retryAfterMilliseconds: 500)
}
