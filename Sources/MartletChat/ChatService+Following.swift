public import MartletStore

extension ChatService {
    /// Whether the store is a follower's: calls that write are refused, and nothing is remembered
    /// that its primary may change. Holds N10.
    public var isReadOnly: Bool { options.isReadOnly }

    /// Why calls that write are refused now: the store is a follower's, or was deposed.
    public var writeRefusal: ChatError? {
        isReadOnly || store.role != .primary ? .readOnly : nil
    }

    /// What a read sees that begins now is all up to this sequence of the store, and perhaps more.
    public var position: UInt64 { store.visibleSequence }

    /// Records that a follower has applied: their events are told to the observer, and sessions
    /// that they end to the session observer. To be called in the order of the log. Does not wait
    /// for the disk.
    ///
    /// - Throws: `.corruption` for a batch that cannot be decoded; of one that was applied, never.
    public func applied(_ records: [ShippedRecord]) throws(StoreError) {
        try feed.take(records)
    }

    /// Sets whose events a follower tells at all, and who is told of a user whose events could not
    /// be told: what was told before goes on nowhere. Any thread; they must not block.
    public func setAudience(
        _ isWanted: @escaping @Sendable (UserID) -> Bool,
        missed: @escaping @Sendable (UserID) -> Void
    ) {
        feed.setAudience(isWanted, missed: missed)
    }
}
