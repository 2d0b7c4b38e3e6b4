import MartletStore

/// Waiting for followers.
extension LedgerDesk {
    /// Waits until it is decided whether the batch counts, however long followers take: a write
    /// that gave up earlier would leave open what the next decision stands on. Callers that would
    /// have to wait for too long are answered meanwhile. Only a server that stops gives up: what
    /// the log then holds, the next opening finds.
    ///
    /// - Throws: `.indefinite` three seconds after the stop began; what the store throws.
    func storeNow(_ batch: WriteBatch) throws(StoreError) {
        if [.synced, .written].contains(options.durability) {
            try store.write(batch, durability: options.durability)
            return
        }
        let outcome = Awaited<Result<UInt64, StoreError>>(Monitor())
        store.submit(batch, durability: options.durability) { outcome.set($0) }
        var arrived = ArrivalMarks(limit: store.options.replicationTimeout * 1_000)
        let result = outcome.wait {
            tellOverdue(&arrived)
            return monitor.withLock { refusal } == Self.closing
        }
        guard let result else {
            throw StoreError(.indefinite, "no followers came before the end")
        }
        _ = try result.get()
    }

    /// Answers callers that have waited for too long with `indefinite`. What they asked for goes
    /// on: their entries stay, and a repeat of a send is decided on them, and waits behind them.
    private func tellOverdue(_ arrived: inout ArrivalMarks) {
        let now = clock.monotonicNanoseconds()
        var overdue: [Reply] = []
        monitor.withLock {
            guard let last = arrived.overdue(arrivals, at: now) else { return }
            ledger.changeReplies { caller in
                guard caller.number <= last, !caller.isPatient else { return }
                overdue.append(caller.reply)
                caller.reply = { _ in }
                // Told once.
                caller.isPatient = true
            }
        }
        // Not by way of those who keep failed sends: this is no outcome.
        for reply in overdue { reply(.failure(.indefinite)) }
        store.replication.timedOut(overdue.count)
    }
}

/// How many requests had come in at which moments, and so which of them came too long ago: without
/// a time in each of them.
struct ArrivalMarks {
    private let limit: UInt64
    private var marks: [(arrivals: UInt64, at: UInt64)] = []
    private var last: UInt64?

    /// - Parameter limit: nanoseconds.
    init(limit: UInt64) { self.limit = limit }

    /// The last of the requests that have waited for `limit` since the first call after they came;
    /// `nil` if there are none.
    mutating func overdue(_ arrivals: UInt64, at now: UInt64) -> UInt64? {
        if marks.last.map({ $0.arrivals < arrivals }) ?? true { marks.append((arrivals, now)) }
        while let mark = marks.first, mark.at + limit <= now {
            last = mark.arrivals
            marks.removeFirst()
        }
        return last
    }
}
