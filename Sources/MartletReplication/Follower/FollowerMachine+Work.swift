import MartletStore

extension FollowerMachine {
    mutating func enqueue(
        _ work: FollowerWork, _ connection: Int, bytes: Int = 0, _ now: UInt64
    ) -> [Action] {
        queue.append(Job(work: work, connection: connection, bytes: bytes))
        queueBytes += bytes
        return startNext()
    }

    /// One work at a time; appends that wait become one, with one sync.
    private mutating func startNext() -> [Action] {
        guard running == nil, !queue.isEmpty else { return [] }
        var job = queue.removeFirst()
        if case .append(var records) = job.work {
            while let next = queue.first, case .append(let more) = next.work,
                next.connection == job.connection,
                job.bytes + next.bytes <= settings.groupBytes,
                more.first?.epoch == records.first?.epoch
            {
                records += more
                job.bytes += next.bytes
                queue.removeFirst()
            }
            job.work = .append(records)
        }
        running = job
        return [.work(job.work)]
    }

    /// The work that was under way ended.
    package mutating func finished(_ outcome: FollowerOutcome, now: UInt64) -> [Action] {
        guard let job = running else { return [] }
        running = nil
        queueBytes = max(0, queueBytes - job.bytes)
        if case .done(let fresh) = outcome { take(fresh) }
        if case .needsSeed(let fresh) = outcome { take(fresh) }
        guard !isStopped else { return [] }
        let actions = concluded(job, outcome, now)
        return actions + startNext() + choose(now)
    }

    private mutating func take(_ fresh: FollowerState) {
        let seed = state.seed
        isUnsure = false
        state = fresh
        state.seed = seed
    }

    private mutating func concluded(
        _ job: Job, _ outcome: FollowerOutcome, _ now: UInt64
    ) -> [Action] {
        let isFollowed = following?.connection == job.connection
        switch (job.work, outcome) {
        case (_, .failed(let error)): return failed(job, error, now)
        case (.promise, .done): return promised(job.connection, now)
        case (.append, .done): return isFollowed ? sayDurable(now) : []
        case (.truncate, .done): return isFollowed ? greetAgain(now) : []
        case (.truncate, .needsSeed):
            needsSeed = true
            return isFollowed ? greetAgain(now) : []
        case (.openSeed(let offer), .seedOpened(let there)):
            return seedOpened(there, offer, job.connection, now)
        case (.writeSeed, .seedWritten): return seedWritten(job.connection, now)
        case (.installSeed(let offer), .done):
            return seedInstalled(offer, job.connection, now)
        case (.installSeed(let offer), .seedDamaged(let message)),
            (.openSeed(let offer), .seedDamaged(let message)):
            return seedDamaged(offer, message, job.connection, now)
        default: return []
        }
    }

    /// The promise is on the disk: only now is it acted on, and told.
    private mutating func promised(_ connection: Int, _ now: UInt64) -> [Action] {
        var actions = tellLeft(now)
        // Who was followed, or was to be, may not lead any more.
        actions += refuseStale(now)
        if let following, following.phase != .promising,
            TermRule.judge(following.welcome.history, against: state.promise) != .mayLead
        {
            actions += refuse(
                following.connection, .staleTerm, "promised to \(state.promise)", now)
        }
        if following?.phase == .promising {
            guard following?.leader == state.promise else {
                return actions + drop(following?.connection ?? 0, now)
            }
            return actions + greetAgain(now)
        }
        return peers[connection] == nil ? actions : actions + sayPromised(connection)
    }

    /// Candidates that came before the promise.
    private mutating func refuseStale(_ now: UInt64) -> [Action] {
        peers.sorted { $0.key < $1.key }.flatMap { connection, peer -> [Action] in
            guard case .candidate(let welcome) = peer.phase,
                let refusal = TermRule.refusal(welcome.history, against: state.promise)
            else { return [] }
            return refuse(connection, refusal.code, refusal.message, now)
        }
    }

    /// The store could not: what was queued behind it cannot either.
    private mutating func failed(
        _ job: Job, _ error: StoreError, _ now: UInt64
    ) -> [Action] {
        queue.removeAll { $0.connection == job.connection }
        queueBytes = 0
        isUnsure = true
        var actions = [Action.notice("the store refused: \(error)")]
        // Without the promise nobody is told of it.
        for connection in peers.filter({ $0.value.phase == .left }).keys.sorted() {
            actions += drop(connection, now)
        }
        guard peers[job.connection] != nil else { return actions }
        let code: Refusal.Code = error.code == .notFound ? .unknownTree : .failed
        return actions + refuse(job.connection, code, "\(error)", now)
    }
}
