import MartletStore

/// The shell around the sequencer: lanes of waiting requests, reads on the reader pool, one commit
/// under way.
///
/// Requests of one lane (one sender) are taken up in the order they came; a lane is worked on by
/// one thread at a time.
///
/// `@unchecked Sendable`: all mutable state is touched under `monitor` only.
final class SendDesk: @unchecked Sendable {
    typealias Reply = @Sendable (Result<Answer, ChatError>) -> Void
    typealias Observer = @Sendable (UserID, InboxEvent) -> Void

    struct Caller {
        var cost: Int
        /// The lane, if the caller chose one.
        var lane: UInt64?
        var reply: Reply
    }

    struct Job {
        var request: Request
        var caller: Caller
    }

    private let store: Store
    private let encoder: BatchEncoder
    private let facts: FactReader
    private let pool: WorkPool
    private let options: ChatOptions
    private let monitor = Monitor()
    private var sequencer: Sequencer<Caller>
    /// The batches of the sequencer's pending groups.
    private var batches: [WriteBatch] = []
    /// Waiting requests; a lane that exists is being worked on or will be.
    private var lanes: [UInt64: [Job]] = [:]
    /// Chosen lanes that met a failure: nothing goes in any more, so that what of them is stored is
    /// a beginning of what was sent.
    private var closedLanes: Set<UInt64> = []
    /// Failed commits so far: what was begun before one is not admitted after it.
    private var failures = 0
    private var requests = 0
    private var requestBytes = 0
    private var refusal: ChatError?
    private var observer: Observer?

    /// Jobs that a thread takes from a lane at once.
    private static let laneTake = 64
    private static let bytesUnderWay = 64 << 20

    init(
        store: Store, schema: ChatSchema, directory: Directory, pool: WorkPool,
        options: ChatOptions
    ) {
        self.store = store
        encoder = BatchEncoder(schema: schema, repeatLifetime: options.repeatLifetime)
        facts = FactReader(store: store, schema: schema, directory: directory)
        self.pool = pool
        self.options = options
        sequencer = Sequencer(
            cacheEntries: options.cacheEntries, groupCost: options.commitBytes)
    }

    func setObserver(_ observer: @escaping Observer) {
        monitor.withLock { self.observer = observer }
    }

    /// Takes a request; `lane` is the sender's unless the caller wants an order of its own.
    func submit(_ request: Request, lane chosen: UInt64? = nil, _ reply: @escaping Reply) {
        let lane = chosen ?? request.user.rawValue
        let cost = request.cost
        let refused: ChatError? = monitor.withLock {
            if let refusal { return refusal }
            if let chosen, closedLanes.contains(chosen) { return Self.retry }
            guard requests < options.sendsUnderWay,
                requestBytes + cost <= Self.bytesUnderWay
            else { return .busy }
            requests += 1
            requestBytes += cost
            let isNew = lanes[lane] == nil
            let caller = Caller(cost: cost, lane: chosen, reply: reply)
            lanes[lane, default: []].append(Job(request: request, caller: caller))
            if isNew, !pool.submit(force: true, { [self] in work(lane) }) {
                lanes[lane] = nil
                requests -= 1
                requestBytes -= cost
                return Self.closing
            }
            return nil
        }
        if let refused { reply(.failure(refused)) }
    }

    /// Refuses what comes, and returns when all that was taken has its answer.
    func close() {
        monitor.withLock {
            refusal = refusal ?? Self.closing
            while requests > 0 { monitor.wait() }
        }
    }

    private static let closing = ChatError(
        .unavailable, "the server stops", retryAfterMilliseconds: 1_000)

    // MARK: Lanes

    private func work(_ lane: UInt64) {
        let (jobs, unknowns, failuresBefore) = monitor.withLock {
            () -> ([Job], [Sequencer<Caller>.Unknown], Int) in
            let jobs = Array(lanes[lane, default: []].prefix(Self.laneTake))
            lanes[lane, default: []].removeFirst(jobs.count)
            return (jobs, jobs.map { sequencer.begin($0.request) }, failures)
        }
        let found = zip(jobs, unknowns).map { facts.read($0.request, $1) }
        var done: [(Job, Result<Answer, ChatError>)] = []
        let (batch, goesOn) = monitor.withLock { () -> (WriteBatch?, Bool) in
            for (job, known) in zip(jobs, found) {
                let known = failures == failuresBefore ? known : .failure(Self.retry)
                if let result = admit(job, known) { done.append((job, result)) }
            }
            let goesOn = lanes[lane]?.isEmpty == false
            if !goesOn { lanes[lane] = nil }
            return (beginCommit(), goesOn)
        }
        if let batch { commit(batch) }
        for (job, result) in done { job.caller.reply(result) }
        settle(done.map { $0.0.caller })
        if goesOn { _ = pool.submit(force: true) { [self] in work(lane) } }
    }

    /// Under the monitor. The result, if there is one already.
    private func admit(
        _ job: Job, _ known: Result<FactReader.Facts, ChatError>
    ) -> Result<Answer, ChatError>? {
        if let refusal, refusal != Self.closing {
            sequencer.abandon(job.request)
            return .failure(refusal)
        }
        switch known {
        case .failure(let error):
            sequencer.abandon(job.request)
            if let lane = job.caller.lane { closedLanes.insert(lane) }
            return .failure(error)
        case .success(let facts):
            for (user, seq) in facts.inboxes { sequencer.learn(inbox: user, last: seq) }
            if let value = facts.pair { sequencer.learn(job.request.pair, value) }
            if let value = facts.send, let key = job.request.sendKey {
                sequencer.learn(key, value)
            }
        }
        switch sequencer.admit(job.request, job.caller) {
        case .answered(let answer):
            return .success(answer)
        case .waits:
            return nil
        case .incomplete:
            // Taken back by a failed commit between the reading and now.
            sequencer.abandon(job.request)
            return .failure(Self.retry)
        case .assigned(let assignment, let startsGroup):
            if startsGroup { batches.append(WriteBatch()) }
            do throws(StoreError) {
                try encoder.encode(assignment, into: &batches[batches.count - 1])
            } catch {
                // Cannot happen within the bounds of ChatLimits; the batch is not whole.
                refusal = ChatError(error)
            }
            return nil
        }
    }

    private static let retry = ChatError(
        .unavailable, "the store could not write", retryAfterMilliseconds: 500)

    // MARK: Commits

    /// Under the monitor.
    private func beginCommit() -> WriteBatch? {
        guard sequencer.beginCommit() else { return nil }
        return batches.removeFirst()
    }

    private func commit(_ batch: WriteBatch) {
        if let refusal = monitor.withLock({ refusal }), refusal != Self.closing {
            finish(.failure(refusal))
            return
        }
        store.submit(batch, durability: options.durability) { [self] result in
            switch result {
            case .success: finish(.success(()))
            case .failure(let error):
                if !error.isRetryable {
                    monitor.withLock { refusal = ChatError(error) }
                }
                finish(.failure(ChatError(error)))
            }
        }
    }

    /// On the commit thread: the next group goes off first, then the answers, in their order.
    private func finish(_ result: Result<Void, ChatError>) {
        var dropped: [Job] = []
        let (outcomes, next, observer) = monitor.withLock {
            () -> ([Sequencer<Caller>.Outcome], WriteBatch?, Observer?) in
            if case .success = result {
                return (sequencer.commitSucceeded(), beginCommit(), self.observer)
            }
            let outcomes = takeBack()
            // What waits behind the failed ones must not be stored before them.
            for lane in lanes.keys {
                dropped += lanes[lane, default: []]
                lanes[lane] = []
            }
            return (outcomes, nil, nil)
        }
        if let next { commit(next) }
        for outcome in outcomes {
            switch result {
            case .success:
                outcome.reply.reply(.success(outcome.assignment.answer))
                if let receipt = outcome.assignment.receipt {
                    let repeated = SendValue(receipt).repeated
                    for caller in outcome.repeats { caller.reply(.success(.sent(repeated))) }
                }
                if let observer { announce(outcome.assignment, to: observer) }
            case .failure(let error):
                outcome.reply.reply(.failure(error))
                for caller in outcome.repeats { caller.reply(.failure(error)) }
            }
        }
        for job in dropped { job.caller.reply(.failure(Self.retry)) }
        settle(outcomes.flatMap { [$0.reply] + $0.repeats } + dropped.map(\.caller))
    }

    /// Under the monitor, when a commit failed.
    private func takeBack() -> [Sequencer<Caller>.Outcome] {
        failures += 1
        batches.removeAll()
        let outcomes = sequencer.commitFailed()
        for outcome in outcomes {
            if let lane = outcome.reply.lane { closedLanes.insert(lane) }
        }
        return outcomes
    }

    private func announce(_ assignment: Assignment, to observer: Observer) {
        for event in assignment.events {
            var message: MessageValue?
            if case .send(let send) = assignment.request {
                message = MessageValue(
                    sender: send.user, sentAt: send.sentAt,
                    clientMessageID: event.user == send.user ? send.clientMessageID : nil,
                    text: send.text)
            }
            if let found = InboxEvent(seq: event.seq, event.value, message) {
                observer(event.user, found)
            }
        }
    }

    private func settle(_ settled: [Caller]) {
        guard !settled.isEmpty else { return }
        monitor.withLock {
            for caller in settled { requestBytes -= caller.cost }
            requests -= settled.count
            if requests == 0 { monitor.broadcast() }
        }
    }
}
