import MartletStore

extension ChatService {
    /// What a device that knows nothing starts with: the last messages of the latest conversations
    /// and the cursor from which to go on. From memory for users who were active lately.
    ///
    /// - Parameters:
    ///   - conversations: 1 to 5.
    ///   - messages: 1 to 15, of each.
    public func start(
        user: UserID, conversations: Int = 5, messages: Int = 15,
        completion: @escaping Completion<StartPage>
    ) {
        let conversations = max(1, min(conversations, StartPage.conversationsMax))
        let messages = max(1, min(messages, StartPage.messagesMax))
        if let page = recent.page(of: user) {
            return completion(.success(page.cut(conversations: conversations, messages: messages)))
        }
        read(completion) { [recent, recentReader] () throws(StoreError) in
            let isKept = recent.begin(user)
            do throws(StoreError) {
                let page = try recentReader.page(user)
                if isKept { recent.finish(user, page) }
                return .success(page.cut(conversations: conversations, messages: messages))
            } catch {
                if isKept { recent.finish(user, nil) }
                throw error
            }
        }
    }
}
