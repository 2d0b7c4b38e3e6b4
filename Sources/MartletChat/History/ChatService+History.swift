import MartletStore

extension ChatService {
    /// A page of a conversation, oldest first; at most `limit` (1 to 1,000) messages. `.notFound`
    /// if there is no such user, or the user never was in the group.
    public func history(
        user: UserID, conversation: ConversationID, range: HistoryRange = .newest,
        limit: Int = 50, completion: @escaping Completion<HistoryPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        read(completion) { [history] () throws(StoreError) in
            let page = try history.history(user, conversation, range, limit: limit)
            guard let page else { return .failure(Self.noSuchUser) }
            return .success(page)
        }
    }

    /// The user's conversations in the order of their ids; at most `limit` (1 to 1,000), after
    /// `after`.
    public func conversations(
        user: UserID, limit: Int = 50, after: ConversationID? = nil,
        completion: @escaping Completion<ConversationPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        read(completion) { [history] () throws(StoreError) in
            .success(try history.conversations(user, limit: limit, after: after))
        }
    }
}
