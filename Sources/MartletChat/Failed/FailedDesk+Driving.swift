import MartletStore

/// Driving again, by itself and for operators.
extension FailedDesk {
    /// On the thread, outside of the monitor.
    func redrive(_ id: UInt64) {
        let (send, drive) = monitor.withLock { (entries[id]?.request.send, self.drive) }
        guard let send, let drive else { return finished(id, .failure(Self.stopped)) }
        do throws(StoreError) {
            if try isDisabled(send.user) { return finished(id, .failure(Redrive.disabled)) }
        } catch {
            return finished(id, .failure(ChatError(error)))
        }
        drive(Redrive(send: send)) { [self] result in finished(id, result) }
    }

    private static let stopped = ChatError(.unavailable, "the server stops")

    /// What became of it. Any thread; not under the ledger's monitor.
    private func finished(_ id: UInt64, _ result: Result<Answer, ChatError>) {
        monitor.withLock {
            guard let entry = entries[id], entry.phase == .kept else { return }
            switch result {
            case .success:
                statistics.redriven += 1
                schedule.finished(id, .stored, now: now)
                settleStored(id)
            case .failure(let error) where error.isFinal || error.code == .internal:
                schedule.finished(id, .refused, now: now)
                refuse(id, error)
            case .failure:
                schedule.finished(id, .unavailable, now: now)
                closeAllRounds()
            }
            wake()
        }
    }

    private func refuse(_ id: UInt64, _ error: ChatError) {
        let reason = FailedRequest.cut("\(error.code): \(error.message)")
        statistics.refused += 1
        entries[id]?.request.isRefused = true
        entries[id]?.request.reason = reason
        settlements.append(Settlement(record: .refused(id, reason: reason)))
        closeRounds(id) { $0.refused += 1 }
        errands.append { [self] in tell(.refused(id: id, reason: reason)) }
    }

    // MARK: Operators

    /// What is kept, in the order of the ids, behind `after`.
    func list(after: UInt64, limit: Int) -> (requests: [KeptRequest], hasMore: Bool) {
        monitor.withLock {
            let behind = entries.values.filter { $0.request.id > after && $0.phase != .fresh }
                .sorted { $0.request.id < $1.request.id }
            let time = environment.clock.now()
            let page = behind.prefix(limit).map { entry in
                KeptRequest(
                    entry.request, isExpired: schedule.isExpired(entry.request.id, time: time))
            }
            return (Array(page), behind.count > page.count)
        }
    }

    /// Drives one again, whatever has become of it before, or all but those that are too old.
    /// `then` hears when each has been tried; `nil` if there is no such one.
    func retry(_ id: UInt64?, _ then: @escaping @Sendable (RedriveCounts?) -> Void) {
        let isThere = monitor.withLock { () -> Bool in
            let time = environment.clock.now()
            let kept = entries.values.filter { $0.phase == .kept }.map(\.request.id)
            let chosen = kept.filter { other in
                id.map { $0 == other } ?? !schedule.isExpired(other, time: time)
            }
            if chosen.isEmpty { return false }
            for id in chosen { schedule.force(id) }
            rounds.append(Round(open: Set(chosen)) { then($0) })
            wake()
            return true
        }
        if !isThere { then(id == nil ? RedriveCounts() : nil) }
    }

    enum Drop: Sendable { case dropped, notThere, isUnderWay, notDurable }

    /// Ends one for good.
    func drop(_ id: UInt64, _ then: @escaping @Sendable (Drop) -> Void) {
        let refusal = monitor.withLock { () -> Drop? in
            guard let entry = entries[id] else { return .notThere }
            guard entry.phase == .kept, schedule.phase(of: id) != .underWay else {
                return .isUnderWay
            }
            end(id) { then($0 ? .dropped : .notDurable) }
            return nil
        }
        if let refusal { then(refusal) }
    }

    /// Under the monitor: `id` needs nothing more.
    func closeRounds(_ id: UInt64, _ count: (inout RedriveCounts) -> Void = { _ in }) {
        for place in rounds.indices where rounds[place].open.remove(id) != nil {
            count(&rounds[place].counts)
        }
        endRounds { $0.open.isEmpty }
    }

    /// Under the monitor: the store does not write, so the rest waits.
    func closeAllRounds() {
        for place in rounds.indices { rounds[place].counts.waiting += rounds[place].open.count }
        endRounds { _ in true }
    }

    private func endRounds(_ isOver: (Round) -> Bool) {
        for round in rounds where isOver(round) {
            errands.append { round.then(round.counts) }
        }
        rounds.removeAll(where: isOver)
    }
}
