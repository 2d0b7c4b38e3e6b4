import MartletStore

extension ChatService {
    /// Sets who is told of failed requests; on a thread that must not block for long.
    public func setFailedObserver(_ observer: @escaping @Sendable (FailedNotice) -> Void) {
        failed?.setObserver(observer)
    }

    /// How the keeping of failed requests stands. Does not block.
    public var failedStatistics: FailedStatistics {
        failed?.standing ?? FailedStatistics()
    }

    /// Kept requests in the order in which they came in; at most `limit` behind `after`.
    package func failedRequests(
        after: UInt64 = 0, limit: Int
    ) -> (requests: [KeptRequest], hasMore: Bool) {
        failed?.list(after: after, limit: limit) ?? ([], false)
    }

    /// Drives a kept request again, whatever has become of it before; or, without an id, all but
    /// those that are too old. Completes when each has been tried. Errors: `.notFound`.
    package func retryFailed(
        _ id: UInt64? = nil, completion: @escaping Completion<RedriveCounts>
    ) {
        guard let failed else {
            return completion(
                id == nil ? .success(RedriveCounts()) : .failure(Self.noSuchRequest))
        }
        failed.retry(id) { counts in
            completion(counts.map { .success($0) } ?? .failure(Self.noSuchRequest))
        }
    }

    /// Ends a kept request; completes when that is durable. Errors: `.notFound`, `.conflict` (it is
    /// being written, or driven, right now), `.unavailable`.
    package func dropFailed(_ id: UInt64, completion: @escaping Completion<Void>) {
        guard let failed else { return completion(.failure(Self.noSuchRequest)) }
        failed.drop(id) { outcome in
            switch outcome {
            case .dropped: completion(.success(()))
            case .notThere: completion(.failure(Self.noSuchRequest))
            case .isUnderWay:
                completion(.failure(ChatError(.conflict, "it is under way; ask again")))
            case .notDurable:
                completion(.failure(ChatError(.unavailable, "the journal cannot be written")))
            }
        }
    }

    private static let noSuchRequest = ChatError(.notFound, "no failed request has this number")
}

extension FailedDesk {
    /// The counts, with how it stands.
    var standing: FailedStatistics {
        monitor.withLock {
            var standing = statistics
            standing.waiting = schedule.waiting
            standing.held = entries.count - schedule.waiting
            standing.bytes = UInt64(max(0, taken))
            return standing
        }
    }
}

extension ChatError {
    /// The same error of a send that is put aside durably: it will be stored without its sender,
    /// and a repeat is recognised all the same.
    var kept: ChatError {
        var error = ChatError(
            code, message, retryAfterMilliseconds: max(retryAfterMilliseconds ?? 0, 5_000))
        error.isKept = true
        return error
    }

    /// Whether the sender may take it for certain that nothing is stored.
    var isFinal: Bool { (400..<500).contains(code.status) && code != .tooMany }
}

// MARK: Start

extension ChatService {
    /// Repeats are recognised for `repeatLifetime`; requests are driven again for half of it, so
    /// that one which was stored after all is recognised for sure.
    static func failedDesk(
        _ store: Store, _ options: ChatOptions, _ environment: Environment
    ) -> FailedDesk? {
        if options.failedJournalBytes <= 0 { return nil }
        return FailedDesk(
            directory: store.directory, bytes: options.failedJournalBytes,
            window: options.repeatLifetime.map { $0 / 2 }, environment)
    }

    func startDriving() {
        failed?.start(isAutomatic: options.drivesFailed) {
            [directory] (user) throws(StoreError) in
            try directory.account(user)?.isDisabled ?? false
        } drive: { [weak desk] redrive, reply in
            desk?.submit(redrive, reply)
        }
    }
}
