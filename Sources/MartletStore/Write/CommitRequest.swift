/// One batch on its way through the commit pipeline.
///
/// `@unchecked Sendable`: everything but `outcome` is set before the request is shared or by the
/// leader that holds it alone; `outcome` is only touched under `turn`.
final class CommitRequest: @unchecked Sendable {
    /// What a waiting writer is woken for.
    enum Outcome {
        /// It must lead the next group itself.
        case promoted
        /// Its batch is logged and waits for followers, or behind one that does: from here on
        /// somebody else finishes it.
        case parked
        /// Its batch is committed, or refused.
        case done(Result<UInt64, StoreError>)
    }

    let batch: BatchStorage
    let durability: Durability.Level
    let completion: (@Sendable (Result<UInt64, StoreError>) -> Void)?
    private let turn: Monitor?
    private var outcome: Outcome?

    /// Set by the leader: the sequence of the first mutation, and the batch's timestamp.
    var firstSequence: UInt64 = 0
    var timestamp: UInt64 = 0

    /// A write that nobody waits for.
    init(
        _ batch: BatchStorage, _ durability: Durability.Level,
        completion: @escaping @Sendable (Result<UInt64, StoreError>) -> Void
    ) {
        self.batch = batch
        self.durability = durability
        self.completion = completion
        turn = nil
    }

    /// A write whose caller uses `wait`, running the executor's jobs where it has no threads.
    init(
        _ batch: BatchStorage, _ durability: Durability.Level,
        waitsWith executor: any BackgroundExecutor
    ) {
        self.batch = batch
        self.durability = durability
        completion = nil
        turn = Monitor(executor: executor)
    }

    var isWaitedFor: Bool { completion == nil }
    var lastSequence: UInt64 { firstSequence + UInt64(batch.mutations) - 1 }

    /// Blocks until the request is promoted or done.
    func wait() -> Outcome {
        guard let turn else { preconditionFailure("only writers without a completion wait") }
        return turn.withLock {
            while true {
                if let outcome {
                    self.outcome = nil
                    return outcome
                }
                turn.wait()
            }
        }
    }

    /// Blocks until the request is done, or throws `.indefinite` after `timeout` microseconds: then
    /// it goes on without its writer. Without threads there is nothing to wait for once no job is
    /// left.
    func decision(
        within timeout: UInt64, _ clock: any StoreClock
    ) throws(StoreError) -> UInt64 {
        guard let turn else { preconditionFailure("only writers without a completion wait") }
        let end = clock.monotonicNanoseconds() + timeout * 1_000
        let result = turn.withLock { () -> Result<UInt64, StoreError>? in
            while true {
                if case .done(let result)? = outcome { return result }
                let now = clock.monotonicNanoseconds()
                if now >= end || !turn.waitOrRun(microseconds: (end - now) / 1_000 + 1) {
                    return nil
                }
            }
        }
        guard let result else {
            throw StoreError(.indefinite, "the write is logged, and followers have not all got it")
        }
        return try result.get()
    }

    func promote() { wake(.promoted) }
    func park() { wake(.parked) }

    /// Hands the result to the waiting writer or the completion.
    func finish(_ result: Result<UInt64, StoreError>) {
        if let completion {
            completion(result)
        } else {
            wake(.done(result))
        }
    }

    private func wake(_ outcome: Outcome) {
        guard let turn else { preconditionFailure("only writers without a completion wait") }
        turn.withLock {
            self.outcome = outcome
            turn.signal()
        }
    }
}
