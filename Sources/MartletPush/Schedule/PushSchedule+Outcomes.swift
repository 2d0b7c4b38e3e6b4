/// What follows from the outcome of an attempt.
extension PushSchedule {
    mutating func settle(
        _ entry: Held, _ outcome: PushOutcome, _ now: UInt64,
        _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
    ) {
        let job = entry.job
        switch outcome {
        case .accepted:
            services[job.service]?.failures = 0
            finish(entry, &actions) { .remove($0) }
        case .dropSubscription(let reason):
            services[job.service]?.failures = 0
            held[job.id] = nil
            actions.append(.dropSubscription(job, reason: reason))
            actions.append(.remove(entry.successor ?? job))
        case .retry(let after, let scope, let reason):
            holdUp(job.service, after, scope, now, &random)
            retry(entry, after, reason, now, &random, &actions)
        case .shrink:
            shrink(entry, now, &actions)
        case .refused(let reason, let isAlarm):
            if isAlarm { actions.append(.alarm("\(job.service): \(reason)")) }
            finish(entry, &actions) { job in
                var job = job
                job.lastReason = reason
                return .bury(job)
            }
        }
    }

    /// Takes over the state of a job that waits or is due.
    mutating func supersede(_ entry: Held, by job: PushJob, _ actions: inout [Action]) {
        if entry.phase == .inFlight {
            held[job.id]?.successor = job
            held[job.id]?.isCancelled = false
            return
        }
        let merged = job.superseding(entry.job)
        if merged != job { actions.append(.store(merged)) }
        if entry.phase == .ready, merged.service == entry.job.service {
            held[job.id]?.job = merged
        } else {
            forget(entry)
            hold(merged)
        }
    }

    /// The attempt is over, with nothing more to do for the job itself.
    private mutating func finish(
        _ entry: Held, _ actions: inout [Action], closing: (PushJob) -> Action
    ) {
        if let successor = entry.successor {
            hold(successor)
        } else {
            held[entry.job.id] = nil
            actions.append(entry.isCancelled ? .remove(entry.job) : closing(entry.job))
        }
    }

    private mutating func retry(
        _ entry: Held, _ after: UInt32?, _ reason: String, _ now: UInt64,
        _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
    ) {
        if entry.isCancelled {
            held[entry.job.id] = nil
            actions.append(.remove(entry.job))
            return
        }
        var job = entry.successor ?? entry.job
        job.attempts = entry.job.attempts &+ 1
        job.lastReason = reason
        let delay = backoff.delay(failures: job.attempts, asked: after, using: &random)
        job.dueAt = now + delay
        guard job.dueAt < job.expiresAt else { return bury(job, &actions) }
        actions.append(.store(job))
        wait(job)
    }

    private mutating func shrink(_ entry: Held, _ now: UInt64, _ actions: inout [Action]) {
        if entry.successor != nil || entry.isCancelled || entry.job.isBare {
            return finish(entry, &actions) { job in
                var job = job
                job.lastReason = "too large without a payload"
                return .bury(job)
            }
        }
        var job = entry.job
        job.isBare = true
        job.dueAt = now
        actions.append(.store(job))
        wait(job)
    }

    /// Holds up a service that asked for it, or that fails whatever goes there.
    private mutating func holdUp(
        _ name: String, _ after: UInt32?, _ scope: PushOutcome.Scope, _ now: UInt64,
        _ random: inout some RandomNumberGenerator
    ) {
        guard var service = services[name] else { return }
        service.failures = min(service.failures + 1, 1_000)
        let free = scope == .host ? 0 : limits.serviceFailuresMax - 1
        if service.failures > free {
            let asked = scope == .host ? after : nil
            let delay = backoff.delay(
                failures: service.failures - free, asked: asked, using: &random)
            service.openAt = max(service.openAt, now + delay)
        }
        services[name] = service
    }
}
