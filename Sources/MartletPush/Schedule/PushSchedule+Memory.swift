/// Which jobs are held.
extension PushSchedule {
    /// Holds a job that was not held, or leaves it in the store.
    mutating func admit(_ job: PushJob) {
        if let horizon, job.key >= horizon { return leave(job.key) }
        if held.count >= limits.jobsMax, !evict(behind: job.key) { return leave(job.key) }
        hold(job)
    }

    mutating func hold(_ job: PushJob) {
        held[job.id] = Held(job: job)
        waiting.insert(job.key)
        if waiting.keys.count > 2 * held.count + 64 {
            let entries = held
            waiting.keep { Self.holds($0, entries) }
        }
    }

    /// Waits with a held job until its new time, or leaves it in the store.
    mutating func wait(_ job: PushJob) {
        guard let horizon, job.key >= horizon else { return hold(job) }
        held[job.id] = nil
        leave(job.key)
    }

    /// Takes over what the store says of a job that is held: a refill may have read its older
    /// state while the newer one was being stored. State goes up, with attempts, then with time.
    mutating func update(_ entry: Held, from job: PushJob, _ actions: inout [Action]) {
        let newest = entry.successor ?? entry.job
        if job.version > newest.version { return supersede(entry, by: job, &actions) }
        guard job.version == newest.version, entry.phase != .inFlight,
            (job.attempts, job.dueAt) > (newest.attempts, newest.dueAt)
        else { return }
        forget(entry)
        hold(job)
    }

    mutating func forget(_ entry: Held) {
        if entry.phase == .ready { leaveQueue(entry.job.service) }
        held[entry.job.id] = nil
    }

    func isWaiting(_ key: PushJob.Key) -> Bool { Self.holds(key, held) }

    /// The next time at which a job that waits is due.
    mutating func nextDue() -> UInt64? {
        while let first = waiting.first, !isWaiting(first) { _ = waiting.removeFirst() }
        return waiting.first?.dueAt
    }

    mutating func refillIfLow() -> [Action] {
        guard let horizon, !isRefilling, held.count <= limits.jobsMax / 2 else { return [] }
        isRefilling = true
        return [.refill(from: horizon, limit: max(limits.jobsMax - held.count, 1))]
    }

    /// Leaves a stored job to a later refill.
    private mutating func leave(_ key: PushJob.Key) {
        horizon = min(horizon ?? key, key)
        if isRefilling { missed = min(missed ?? key, key) }
    }

    /// Makes room for an earlier job: the last eighth of those that wait go back to the store,
    /// where their state is. False where none is later.
    private mutating func evict(behind key: PushJob.Key) -> Bool {
        let later = waiting.keys.filter { $0 > key && isWaiting($0) }.sorted()
        let evicted = later.suffix(max(limits.jobsMax / 8, 1))
        for key in evicted { held[key.id] = nil }
        if let first = evicted.first { leave(first) }
        return !evicted.isEmpty
    }

    private static func holds(_ key: PushJob.Key, _ held: [[UInt8]: Held]) -> Bool {
        guard let entry = held[key.id] else { return false }
        return entry.phase == .waiting && entry.job.dueAt == key.dueAt
    }
}
