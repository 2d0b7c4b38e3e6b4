import Logging
import MartletChat
import MartletPush

/// Tells devices that are away of new messages: the shell around `PushSchedule`, with the outbox in
/// the store and the services behind a `PushTransport`.
///
/// A user with news is looked at after a grace, in which a device may take the message. The look
/// puts pushes into the store's outbox before the schedule hears of them.
actor PushDispatcher {
    private let chat: ChatService
    private let transport: any PushTransport
    private let options: PushOptions
    private let logger: Logger
    private let now: @Sendable () -> UInt64
    private var schedule = PushSchedule()
    private var random = SystemRandomNumberGenerator()
    /// Users with news, by the time to look at them.
    private var waiting: [UserID: UInt64] = [:]
    private var wakeAt: UInt64?
    private var isStopped = false
    private var topicSecret: [UInt8]
    private let meter: PushMeter

    /// Users that are looked at in one second at most.
    private static let looksAtOnce = 500

    init(
        chat: ChatService, transport: any PushTransport, options: PushOptions,
        meter: PushMeter, logger: Logger, now: @escaping @Sendable () -> UInt64
    ) {
        self.chat = chat
        self.transport = transport
        self.options = options
        self.meter = meter
        self.logger = logger
        self.now = now
        topicSecret = options.vapid.map { Array($0.privateKey.utf8) } ?? Array("martlet".utf8)
    }

    /// Runs until `stop`, or until the task is cancelled.
    func run() async {
        for user in await result({ chat.loadSubscribers(completion: $0) }) ?? [] {
            waiting[user] = 0
        }
        await perform(schedule.start())
        while !isStopped, !Task.isCancelled {
            await turn()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    func stop() { isStopped = true }

    /// These users have news.
    func notice(_ users: [UserID]) {
        let due = now() + options.graceSeconds * 1_000_000
        for user in users where waiting[user] == nil { waiting[user] = due }
    }

    /// These were dead letters and are in the outbox again.
    func resume(_ pushes: [StoredPush]) async {
        for push in pushes {
            guard let job = PushJob(id: push.id.bytes, push.state) else { continue }
            await perform(schedule.offer(job, now: now(), using: &random))
        }
    }

    /// One second's work.
    func turn() async {
        let time = now()
        let due = waiting.filter { $0.value <= time }.prefix(Self.looksAtOnce)
        for (user, _) in due {
            waiting[user] = nil
            await look(at: user)
        }
        if let wakeAt, wakeAt <= now() {
            self.wakeAt = nil
            await perform(schedule.tick(now: now(), using: &random))
        }
    }

    private func look(at user: UserID) async {
        let (time, lifetime) = (now(), options.lifetimeSeconds * 1_000_000)
        let found = await result { done in
            chat.collectPushes(of: user, make: { Self.job($0, time, lifetime) }, completion: done)
        }
        guard let found else {
            // The store could not answer: the cursor stands where it stood, so look again.
            waiting[user] = now() + 5_000_000
            return
        }
        for push in found {
            guard let job = PushJob(id: push.id.bytes, push.state) else { continue }
            await perform(schedule.offer(job, now: now(), using: &random))
        }
    }

    private static func job(_ due: DuePush, _ now: UInt64, _ lifetime: UInt64) -> StoredPush? {
        guard let subscription = PushSubscription(due.target) else { return nil }
        let job = PushJob(
            id: due.id.bytes, version: due.number, service: subscription.service, dueAt: now,
            expiresAt: now + lifetime)
        return StoredPush(id: due.id, dueAt: now, state: job.encoded())
    }

    // MARK: What the schedule wants

    private func perform(_ actions: [PushSchedule.Action]) async {
        for action in actions {
            switch action {
            case .send(let job): send(job)
            case .store(let job): await change(job, to: job, isDead: false)
            case .remove(let job): await change(job, to: nil, isDead: false)
            case .bury(let job):
                meter.count(.dead)
                logger.warning(
                    "push given up", metadata: ["reason": "\(job.lastReason)"])
                await change(job, to: job, isDead: true)
            case .dropSubscription(let job, let reason):
                await drop(job, reason)
            case .alarm(let text): logger.error("push: \(text)")
            case .refill(let from, let limit): await refill(from, limit)
            case .wake(let time): wakeAt = time
            }
        }
    }

    private func change(_ job: PushJob, to new: PushJob?, isDead: Bool) async {
        guard let id = PushID(bytes: job.id) else { return }
        let version = job.version
        let stored = new.map { StoredPush(id: id, dueAt: $0.dueAt, state: $0.encoded()) }
        _ = await result { done in
            chat.changePush(
                id, to: stored, isDead: isDead, queuedAt: job.dueAt,
                if: { PushJob(id: id.bytes, $0)?.version == version }, completion: done)
        }
    }

    private func refill(_ from: PushJob.Key, _ limit: Int) async {
        let found = await result { done in
            chat.pendingPushes(from: from.dueAt, from.id, limit: limit, completion: done)
        }
        let jobs = (found ?? []).compactMap { PushJob(id: $0.id.bytes, $0.state) }
        await perform(
            schedule.refilled(
                jobs, isEnd: jobs.count < limit, now: now(), using: &random))
    }

    // MARK: Sending

    private var sentTargets: [[UInt8]: [UInt8]] = [:]

    private func send(_ job: PushJob) {
        Task { await attempt(job) }
    }

    private func attempt(_ job: PushJob) async {
        guard let id = PushID(bytes: job.id) else { return await finish(job, .accepted) }
        let content = await result { done in
            chat.pushContent(id, number: job.version, completion: done)
        }
        guard let content else {
            return await finish(
                job, .retry(after: nil, scope: .subscription, reason: "the store is busy"))
        }
        guard let content, let subscription = PushSubscription(content.target) else {
            return await finish(job, .accepted)
        }
        sentTargets[job.id] = content.target
        let notice = notice(id, content, job)
        let outcome = await transport.send(job.isBare ? notice.bare : notice, to: subscription)
        meter.count(outcome)
        await finish(job, outcome)
    }

    private func finish(_ job: PushJob, _ outcome: PushOutcome) async {
        await perform(schedule.finished(job.id, outcome, now: now(), using: &random))
        sentTargets[job.id] = nil
    }

    /// A subscription that was renewed meanwhile stays.
    private func drop(_ job: PushJob, _ reason: String) async {
        guard let id = PushID(bytes: job.id), let target = sentTargets[job.id] else { return }
        logger.info("push subscription ended", metadata: ["reason": "\(reason)"])
        _ = await result { done in
            chat.unsubscribe(
                user: id.user, device: id.device, onlyIf: target, completion: done)
        }
    }

    private func notice(_ id: PushID, _ content: PushContent, _ job: PushJob) -> PushNotice {
        var alert: PushNotice.Alert?
        if let title = content.title, let text = content.text {
            alert = PushNotice.Alert(title: title, body: String(text.prefix(200)))
        }
        return PushNotice(
            payload: PushPayload.json(id.conversation, content), alert: alert,
            badge: UInt32(clamping: content.unread),
            topic: PushTopic(of: id.bytes, secret: topicSecret),
            ttl: job.secondsLeft(now: now()))
    }

    /// `nil` for a failure, which is logged: what it was for is tried again later.
    private func result<Value: Sendable>(
        _ call: (@escaping ChatService.Completion<Value>) -> Void
    ) async -> Value? {
        let result = await withCheckedContinuation { continuation in
            call { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            logger.warning("push: \(error)")
            return nil
        }
    }
}
