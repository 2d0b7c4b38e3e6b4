/// From due to sent.
extension PushSchedule {
    /// Moves what is due into the queues of the services.
    mutating func promote(
        _ now: UInt64, _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
    ) {
        while let due = nextDue(), due <= now, let key = waiting.removeFirst() {
            guard let job = held[key.id]?.job else { continue }
            let openAt = services[job.service]?.openAt ?? 0
            let readyCount = services[job.service]?.readyCount ?? 0
            if openAt > now {
                putOff(job, until: openAt, &random, &actions)
            } else if held.count > limits.jobsMax / 2, readyCount >= max(limits.jobsMax / 8, 1) {
                // One service, however slow, must not fill the memory.
                putOff(job, until: now + limits.retryFirst * 10, &random, &actions)
            } else {
                held[key.id]?.phase = .ready
                services[job.service, default: ServiceQueue()].append(job.id)
                queue(job.service)
            }
        }
    }

    /// Sends what there is room for, service by service in turn.
    mutating func pump(
        _ now: UInt64, _ random: inout some RandomNumberGenerator, _ actions: inout [Action]
    ) {
        var next = 0
        while inFlight < limits.inFlightMax, next < round.count {
            let name = round[next]
            next += 1
            services[name]?.isQueued = false
            guard let openAt = services[name]?.openAt else { continue }
            if openAt > now {
                putOffAll(of: name, until: openAt, &random, &actions)
            } else if hasRoom(name) {
                sendNext(of: name, now, &actions)
                queue(name)
            }
        }
        round.removeFirst(next)
    }

    /// Puts a service into the round, if something of it is due.
    mutating func queue(_ name: String) {
        guard let service = services[name], !service.isQueued, service.readyCount > 0 else {
            return
        }
        services[name]?.isQueued = true
        round.append(name)
    }

    mutating func leaveQueue(_ name: String) {
        services[name]?.readyCount -= 1
        let entries = held
        services[name]?.compact { Self.isReady(entries[$0], name) }
    }

    /// Gives a job a later time, or gives it up where it would not live that long.
    mutating func putOff(
        _ job: PushJob, until time: UInt64, _ random: inout some RandomNumberGenerator,
        _ actions: inout [Action]
    ) {
        var job = job
        job.dueAt = time + UInt64.random(in: 0...limits.retryFirst, using: &random)
        guard job.dueAt < job.expiresAt else { return bury(job, &actions) }
        actions.append(.store(job))
        wait(job)
    }

    mutating func bury(_ job: PushJob, expired: Bool = true, _ actions: inout [Action]) {
        var job = job
        if expired {
            job.lastReason = "expired" + (job.lastReason.isEmpty ? "" : ": " + job.lastReason)
        }
        held[job.id] = nil
        actions.append(.bury(job))
    }

    /// Forgets services of which there is nothing to remember.
    mutating func prune(_ now: UInt64) {
        guard services.count > servicesMax else { return }
        services = services.filter { !$0.value.isIdle || $0.value.openAt > now }
        if services.count > servicesMax {
            services = services.filter { !$0.value.isIdle }
        }
    }

    private var servicesMax: Int { 2 * held.count + 128 }

    /// A service that failed and failed is asked by one push first.
    private func hasRoom(_ name: String) -> Bool {
        guard let service = services[name] else { return false }
        let isProbed = service.failures >= limits.serviceFailuresMax
        return service.inFlight < (isProbed ? 1 : limits.inFlightPerServiceMax)
    }

    /// Whether an id in the queue of the service `name` still stands for a job that is due there.
    private static func isReady(_ entry: Held?, _ name: String) -> Bool {
        entry?.phase == .ready && entry?.job.service == name
    }

    private mutating func putOffAll(
        of name: String, until time: UInt64, _ random: inout some RandomNumberGenerator,
        _ actions: inout [Action]
    ) {
        for id in services[name]?.drain() ?? [] {
            guard let entry = held[id], Self.isReady(entry, name) else { continue }
            held[id]?.phase = .waiting
            putOff(entry.job, until: time, &random, &actions)
        }
    }

    private mutating func sendNext(of name: String, _ now: UInt64, _ actions: inout [Action]) {
        while let id = services[name]?.next() {
            guard let entry = held[id], Self.isReady(entry, name) else { continue }
            services[name]?.readyCount -= 1
            if now >= entry.job.expiresAt {
                bury(entry.job, &actions)
                continue
            }
            held[id]?.phase = .inFlight
            services[name]?.inFlight += 1
            inFlight += 1
            actions.append(.send(entry.job))
            return
        }
    }
}
