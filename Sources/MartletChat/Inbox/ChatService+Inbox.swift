import MartletStore

extension ChatService {
    /// The user's events after `seq`; at most `limit` (1 to 1,000), fewer where texts are long.
    public func events(
        user: UserID, after seq: UInt64, limit: Int = 100,
        completion: @escaping Completion<InboxPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        read(completion) { [inbox] () throws(StoreError) in
            .success(try inbox.events(user, after: seq, limit: limit))
        }
    }

    /// The cursor behind the user's last event.
    public func latestCursor(user: UserID, completion: @escaping Completion<InboxCursor>) {
        let epoch = store.cursorEpoch
        read(completion) { [inbox] () throws(StoreError) in
            .success(InboxCursor(epoch: epoch, seq: try inbox.facts.lastSeq(user)))
        }
    }
}
