import MartletStore

/// How what is decided gets stored, and who is told.
extension LedgerDesk {
    /// What the caller does once it has let go of the monitor.
    enum Next {
        case nothing, wake
        case commit(Ledger<Caller>.Group)
    }

    /// Under the monitor: how what is pending gets stored.
    func startCommit() -> Next {
        if thread != nil { return ledger.hasPending ? .wake : .nothing }
        return ledger.beginCommit().map { .commit($0) } ?? .nothing
    }

    func go(on next: Next) {
        switch next {
        case .nothing: break
        case .wake: thread?.wake()
        case .commit(let group): commit(group)
        }
    }

    /// On the thread. Gives how many procedures were stored, or refused.
    func commitOne() -> Int {
        guard let group = monitor.withLock({ ledger.beginCommit() }) else { return 0 }
        storeWithPatience(group)
        return group.entries.count
    }

    /// A refusal that may pass is tried again, with growing pauses.
    private func storeWithPatience(_ group: Ledger<Caller>.Group) {
        var tries = 0
        while true {
            if let refusal = monitor.withLock({ refusal }), refusal != Self.closing {
                return finish(.failure(refusal))
            }
            do throws(StoreError) {
                rows.removeAll()
                try encoder.encode(group, into: &rows)
                try storeNow(rows.batch)
                return finish(.success(()))
            } catch {
                guard error.isRetryable else { return poison(error) }
                if tries == options.commitRetries { return finish(.failure(ChatError(error))) }
            }
            let pause = Monitor()
            pause.withLock { pause.wait(microseconds: 20_000 << UInt64(2 * tries)) }
            tries += 1
        }
    }

    /// Without a thread.
    private func commit(_ group: Ledger<Caller>.Group) {
        if let refusal = monitor.withLock({ refusal }), refusal != Self.closing {
            return finish(.failure(refusal))
        }
        let batch: WriteBatch
        do throws(StoreError) {
            batch = try encoder.encode(group)
        } catch {
            // Cannot happen within the bounds of ChatLimits.
            return poison(error)
        }
        store.submit(batch, durability: options.durability) { [self] result in
            switch result {
            case .success: finish(.success(()))
            case .failure(let error) where error.isRetryable: finish(.failure(ChatError(error)))
            case .failure(let error): poison(error)
            }
        }
    }

    /// Nothing can be stored before the store is opened again.
    private func poison(_ error: StoreError) {
        let refused = ChatError(error)
        monitor.withLock { refusal = refused.code == .indefinite ? Self.ended : refused }
        finish(.failure(refused))
    }

    /// On the commit thread: the events, then the answers in their order.
    private func finish(_ result: Result<Void, ChatError>) {
        if case .success = result { failed?.storeWrote() }
        var dropped: [Job] = []
        let (entries, next, observer) = monitor.withLock {
            () -> ([Ledger<Caller>.Entry], Next, Observer?) in
            if case .success = result {
                return (ledger.commitSucceeded(), startCommit(), self.observer)
            }
            let logged = ledger.underWay?.entries.count ?? 0
            var entries = takeBack()
            if case .failure(let error) = result {
                for place in entries.indices {
                    let isLogged = place < logged
                    let own = isLogged || error.code != .indefinite ? error : Self.ended
                    entries[place].outcome = .failure(own)
                    putAside(&entries[place].reply, own)
                }
            }
            // What waits behind the failed ones must not be stored before them.
            for lane in lanes.keys {
                for var job in lanes[lane, default: []] {
                    ledger.abandon(job.facts ?? [])
                    putAside(&job.caller, Self.retry)
                    dropped.append(job)
                }
                lanes[lane] = []
            }
            return (entries, .nothing, nil)
        }
        go(on: next)
        let deliveries = Self.deliveries(of: observer == nil ? [] : entries)
        if !deliveries.isEmpty { observer?.events(deliveries) }
        for entry in entries { answer(entry.reply, entry.outcome) }
        for job in dropped { answer(job.caller, .failure(Self.retry)) }
        observer?.answered()
        monitor.withLock {
            for entry in entries { settle(entry.reply) }
            for job in dropped { settle(job.caller) }
            if retired.count < Self.retiredMost { retired += entries }
        }
    }

    private static func deliveries(of entries: [Ledger<Caller>.Entry]) -> [Delivery] {
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(entries.reduce(0) { $0 + $1.eventCount })
        for entry in entries {
            entry.eachEvent { user, seq, kind in
                deliveries.append(Delivery(user: user, event: InboxEvent(seq: seq, kind: kind)))
            }
        }
        return deliveries
    }

    /// Under the monitor, when a commit failed.
    private func takeBack() -> [Ledger<Caller>.Entry] {
        failures += 1
        let entries = ledger.commitFailed()
        for entry in entries {
            if let lane = entry.reply.lane { closedLanes.insert(lane) }
        }
        return entries
    }
}
