import MartletStore

/// What the ledger says of sends.
extension FailedDesk {
    /// The store could not take this send: it is put aside, and the reply comes when that is
    /// durable, or when it is clear that it cannot be. Does not block. Under the ledger's monitor,
    /// so that nothing about the same send is decided in between.
    ///
    /// - Parameters:
    ///   - id: its place in the order in which requests came in.
    ///   - claim: what `claim` gave when it came in.
    func keep(
        _ send: SendMessage, id: UInt64, claim: UInt64?, _ error: ChatError,
        _ reply: @escaping Reply
    ) {
        monitor.withLock {
            if let claim { schedule.release(claim) }
            schedule.storeFailed(now: now)
            let waiter = Waiter(error: error, reply: reply)
            let request = FailedRequest(
                id: id, send: send, failedAt: environment.clock.now(),
                reason: FailedRequest.cut(error.message))
            if let known = index[request.key] {
                keepAgain(known, waiter)
            } else if hasRoom(for: request) {
                entries[id] = Entry(request: request, waiters: [waiter])
                index[request.key] = id
                lastID = max(lastID, id)
                occupy(request)
                fresh.append(id)
                noteOccupancy()
            } else {
                refuse([waiter])
            }
            wake()
        }
    }

    /// One that is kept already, or about to be.
    private func keepAgain(_ id: UInt64, _ waiter: Waiter) {
        switch (entries[id]?.phase, schedule.phase(of: id)) {
        case (.fresh, _): entries[id]?.waiters.append(waiter)
        case (.kept, .waiting), (.kept, .underWay):
            errands.append { waiter.reply(.failure(waiter.error.kept)) }
        // What an operator must decide about is not promised to anybody.
        default: errands.append { waiter.reply(.failure(waiter.error)) }
        }
    }

    private func hasRoom(for request: FailedRequest) -> Bool {
        let own = takenBy[request.send.user] ?? 0
        return taken + request.room <= capacity
            && own + request.room <= max(capacity / Self.share, request.room)
    }

    /// Not kept: the senders get what they would have got without a journal.
    func refuse(_ waiters: [Waiter]) {
        statistics.unkept += UInt64(waiters.count)
        let isNews = !isFullTold
        isFullTold = true
        errands.append { [self] in
            if isNews { tell(.full) }
            for waiter in waiters { waiter.reply(.failure(waiter.error)) }
        }
    }

    /// A send came in. If it is the repeat of a kept one, that one is not driven until the repeat
    /// has its answer: the repeat decides.
    /// - Returns: What to hand over with the answer.
    func claim(_ send: SendMessage) -> UInt64? {
        guard hasEntries else { return nil }
        return monitor.withLock {
            let key = SendKey(user: send.user, clientMessageID: send.clientMessageID)
            guard let id = index[key] else { return nil }
            schedule.claim(id)
            return id
        }
    }

    /// A send has its answer. A kept one that its repeat has stored needs no second time. One whose
    /// repeat is refused for good is ended durably before the sender is told, since nothing may be
    /// stored then. Outside of the ledger's monitor.
    func answered(
        _ send: SendMessage, claim: UInt64?, _ result: Result<Answer, ChatError>,
        _ reply: @escaping Reply
    ) {
        let key = SendKey(user: send.user, clientMessageID: send.clientMessageID)
        let isTold = monitor.withLock { () -> Bool in
            defer { if let claim { schedule.release(claim) } }
            guard let id = index[key], let phase = entries[id]?.phase else { return true }
            wake()
            switch result {
            case .success:
                guard phase == .kept else { return true }
                statistics.redriven += 1
                settleStored(id)
                return true
            case .failure(let error) where error.isFinal:
                end(id) { isDurable in
                    reply(isDurable ? result : .failure(Self.unended))
                }
                return false
            case .failure: return true
            }
        }
        if isTold { reply(result) }
    }

    /// Under the monitor: a kept request ends, and counts until that is durable.
    func end(_ id: UInt64, _ then: @escaping @Sendable (Bool) -> Void) {
        guard let request = entries[id]?.request else { return then(true) }
        entries[id]?.phase = .leaving
        schedule.remove(id)
        settlements.append(
            Settlement(record: .dropped(id)) { [self] isDurable in
                monitor.withLock { ended(request, isDurable) }
                then(isDurable)
            })
        wake()
    }

    private func ended(_ request: FailedRequest, _ isDurable: Bool) {
        let id = request.id
        guard entries[id]?.phase == .leaving else { return }
        if isDurable {
            statistics.dropped += 1
            remove(id)
            closeRounds(id)
        } else {
            entries[id]?.phase = .kept
            schedule.add(
                id, of: request.send.user, failedAt: request.failedAt, isRefused: request.isRefused)
        }
    }

    private static let unended = ChatError(
        .unavailable, "the store is not writable", retryAfterMilliseconds: 5_000)

    /// Under the monitor: it is in the store. If the record of that is lost, it is driven once more
    /// and found there.
    func settleStored(_ id: UInt64) {
        schedule.remove(id)
        remove(id)
        settlements.append(Settlement(record: .redriven(id)))
        closeRounds(id) { $0.stored += 1 }
        if entries.isEmpty { errands.append { [self] in tell(.done) } }
    }

    /// Under the monitor: memory forgets it.
    func remove(_ id: UInt64) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        let request = entry.request
        index[request.key] = nil
        taken -= request.room
        let own = (takenBy[request.send.user] ?? 0) - request.room
        takenBy[request.send.user] = own > 0 ? own : nil
        noteOccupancy()
    }

    // MARK: On the thread

    /// Makes what is new durable, and says so.
    func write() {
        let (fresh, settlements) = monitor.withLock { () -> ([UInt64], [Settlement]) in
            defer {
                self.fresh = []
                self.settlements = []
            }
            return (self.fresh, self.settlements)
        }
        if fresh.isEmpty && settlements.isEmpty { return }
        let isDurable = append(fresh, settlements)
        monitor.withLock {
            if isDurable { admit(fresh) } else { giveUp(fresh) }
        }
        for settlement in settlements { settlement.then?(isDurable) }
    }

    private func append(_ fresh: [UInt64], _ settlements: [Settlement]) -> Bool {
        let (records, lastID) = monitor.withLock { () -> ([FailedRecord], UInt64) in
            let requests = fresh.compactMap { entries[$0]?.request }
            return (requests.map { .failed($0) } + settlements.map(\.record), self.lastID)
        }
        let ended = Set(
            settlements.compactMap { settlement -> UInt64? in
                guard case .dropped(let id) = settlement.record else { return nil }
                return id
            })
        let isNew = Set(fresh)
        do throws(StoreError) {
            guard journal != nil else { return false }
            try journal?.append(records, lastID: lastID) {
                monitor.withLock {
                    entries.values.filter { entry in
                        entry.phase != .fresh || isNew.contains(entry.request.id)
                    }.map(\.request).filter { !ended.contains($0.id) }.sorted { $0.id < $1.id }
                }
            }
            monitor.withLock { statistics.failure = nil }
            return true
        } catch {
            monitor.withLock { statistics.failure = "\(error)" }
            return false
        }
    }

    /// Under the monitor: these are kept now.
    private func admit(_ fresh: [UInt64]) {
        guard !fresh.isEmpty else { return }
        let isFirst = schedule.waiting == 0
        for id in fresh {
            guard let entry = entries[id] else { continue }
            entries[id]?.waiters = []
            statistics.kept += 1
            // A repeat of it may have been refused meanwhile; then nothing is promised.
            let isStaying = entry.phase == .fresh
            if isStaying {
                entries[id]?.phase = .kept
                schedule.add(id, of: entry.request.send.user, failedAt: entry.request.failedAt)
            }
            errands.append {
                for waiter in entry.waiters {
                    waiter.reply(.failure(isStaying ? waiter.error.kept : waiter.error))
                }
            }
        }
        isFullTold = false
        if isFirst, let reason = entries[fresh[0]]?.request.reason {
            errands.append { [self] in tell(.begun(reason: reason)) }
        }
        // The time to wake at may be another one now.
        wake()
    }

    /// Under the monitor: these could not be kept.
    private func giveUp(_ fresh: [UInt64]) {
        for id in fresh {
            guard let waiters = entries[id]?.waiters else { continue }
            remove(id)
            refuse(waiters)
        }
    }
}
