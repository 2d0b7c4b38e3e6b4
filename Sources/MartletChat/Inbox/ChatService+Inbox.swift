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
    ///
    /// - Parameter foreign: the epoch of the cursor that it takes the place of; 0 for none. A
    ///   follower that has never heard of it answers `.unavailable`: it may be of a term that is
    ///   still to come, and holds where it came from.
    public func latestCursor(
        user: UserID, insteadOf foreign: UInt32 = 0, completion: @escaping Completion<InboxCursor>
    ) {
        let epoch = store.cursorEpoch
        read(completion) { [inbox, store, isReadOnly] () throws(StoreError) in
            if isReadOnly, foreign > 0, !store.terms.hasHad(cursorEpoch: foreign) {
                return .failure(.behind)
            }
            return .success(InboxCursor(epoch: epoch, seq: try inbox.facts.lastSeq(user)))
        }
    }
}
