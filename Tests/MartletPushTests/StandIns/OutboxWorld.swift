import MartletSimulation

@testable import MartletPush

/// A store in memory with the schedule in front of it, which notes every rule that is broken.
struct OutboxWorld {
    var schedule: PushSchedule
    var random: SeededGenerator
    var now: UInt64 = 1_000_000_000
    var store: [[UInt8]: PushJob] = [:]
    var dead: [PushJob] = []
    var sending: [PushJob] = []
    var accepted: [PushJob] = []
    var dropped: [PushJob] = []
    var alarms: [String] = []
    var stores = 0
    var wakeAt: UInt64?
    var broken: [String] = []
    /// Whether a refill is answered from the store as it was when it was asked for: then the
    /// schedule may hold a job in an older state for a while.
    var readsLate = false
    private var refills: [(from: PushJob.Key, limit: Int, snapshot: [PushJob])] = []

    init(_ limits: PushSchedule.Limits = .init(), seed: UInt64 = 1) {
        schedule = PushSchedule(limits: limits)
        random = SeededGenerator(seed: seed)
        perform(schedule.start())
    }

    /// As `init`, with the refill of the start done.
    static func started(
        _ limits: PushSchedule.Limits = .init(), seed: UInt64 = 1
    ) -> OutboxWorld {
        var world = OutboxWorld(limits, seed: seed)
        world.refill()
        return world
    }

    var isRefilling: Bool { !refills.isEmpty }

    static func job(
        _ id: UInt8, version: UInt64 = 1, service: String = "a", dueAt: UInt64 = 0,
        expiresAt: UInt64 = .max
    ) -> PushJob {
        PushJob(
            id: [id], version: version, service: service, dueAt: dueAt, expiresAt: expiresAt)
    }

    mutating func offer(_ job: PushJob) {
        if let old = store[job.id], old.version >= job.version { return }
        store[job.id] = job
        perform(schedule.offer(job, now: now, using: &random))
    }

    mutating func cancel(_ id: [UInt8]) {
        store[id] = nil
        perform(schedule.cancel(id, now: now))
    }

    /// Ends the attempt at `index` of those under way.
    mutating func finish(_ index: Int = 0, _ outcome: PushOutcome = .accepted) {
        let job = sending.remove(at: index)
        if outcome == .accepted { accepted.append(job) }
        perform(schedule.finished(job.id, outcome, now: now, using: &random))
    }

    mutating func advance(to time: UInt64) {
        now = max(now, time)
        guard let wakeAt, wakeAt <= now else { return }
        self.wakeAt = nil
        perform(schedule.tick(now: now, using: &random))
    }

    /// Answers the refill that is asked for.
    mutating func refill() {
        guard !refills.isEmpty else { return }
        let (from, limit, snapshot) = refills.removeFirst()
        let rest = (readsLate ? snapshot : Array(store.values)).filter { $0.key >= from }.sorted {
            $0.key < $1.key
        }
        // A page may be shorter than what was asked for.
        let page = Array(rest.prefix(Int.random(in: 1...limit, using: &random)))
        perform(
            schedule.refilled(page, isEnd: page.count == rest.count, now: now, using: &random))
    }

    /// Lets time pass and everything succeed, until nothing is left to do.
    mutating func settle() {
        for _ in 0..<100_000 {
            if !refills.isEmpty {
                refill()
            } else if !sending.isEmpty {
                finish()
            } else if let wakeAt {
                advance(to: wakeAt)
            } else {
                return
            }
        }
        broken.append("does not come to rest")
    }

    /// Starts anew with what is stored.
    mutating func crash() {
        schedule = PushSchedule(limits: schedule.limits)
        sending = []
        refills = []
        wakeAt = nil
        perform(schedule.start())
    }

    private mutating func perform(_ actions: [PushSchedule.Action]) {
        for action in actions {
            switch action {
            case .send(let job): send(job)
            case .store(let job):
                stores += 1
                if store[job.id]?.version == job.version { store[job.id] = job }
            case .remove(let job): remove(job)
            case .bury(let job):
                if remove(job) { dead.append(job) }
            case .dropSubscription(let job, _): dropped.append(job)
            case .alarm(let text): alarms.append(text)
            case .refill(let from, let limit):
                refills.append((from, limit, Array(store.values)))
            case .wake(let time):
                wakeAt = time
                if time <= now { broken.append("wakes at once") }
            }
        }
        check()
    }

    @discardableResult
    private mutating func remove(_ job: PushJob) -> Bool {
        guard store[job.id]?.version == job.version else { return false }
        store[job.id] = nil
        return true
    }

    private mutating func send(_ job: PushJob) {
        if sending.contains(where: { $0.id == job.id }) { broken.append("two attempts at once") }
        if job.dueAt > now { broken.append("sent before its time") }
        if job.expiresAt <= now { broken.append("sent after its time") }
        sending.append(job)
    }

    private mutating func check() {
        let limits = schedule.limits
        if schedule.count > limits.jobsMax { broken.append("\(schedule.count) jobs held") }
        if sending.count > limits.inFlightMax { broken.append("\(sending.count) under way") }
        let most = Dictionary(grouping: sending, by: \.service).values.map(\.count).max() ?? 0
        if most > limits.inFlightPerServiceMax { broken.append("\(most) to one service") }
        if refills.count > 1 { broken.append("two refills at once") }
        for job in store.values where !isHeld(job) {
            guard let horizon = schedule.horizon, job.key >= horizon else {
                broken.append("forgot \(job.id)")
                continue
            }
        }
    }

    /// Whether the schedule holds what is stored: the state too, unless it is under way.
    private func isHeld(_ job: PushJob) -> Bool {
        guard let entry = schedule.held[job.id] else { return false }
        if let successor = entry.successor { return successor.version == job.version }
        let isLax = entry.phase == .inFlight || readsLate
        return isLax ? entry.job.version == job.version : entry.job == job
    }
}
