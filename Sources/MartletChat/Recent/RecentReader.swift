import MartletStore

/// Finds what a device starts with in the store. Blocks: reader pool only.
struct RecentReader: Sendable {
    let store: Store
    let schema: ChatSchema
    let history: HistoryReader

    /// Events that are looked through for the latest conversations. Behind so many receipts, which
    /// conversation is the fifth matters little.
    private static let eventsMax = 2_000

    func page(_ user: UserID) throws(StoreError) -> StartPage {
        let view = history.view
        let seq = try InboxReader.lastSeq(view, user)
        let (latest, hasMore) = try latest(view, user)
        var found: [RecentConversation] = []
        for conversation in latest {
            guard let row = try view.conversation(user, conversation),
                let summary = try history.summary(view, user, conversation, row)
            else { continue }
            let messages = try history.page(
                view, user, conversation, .newest, limit: StartPage.messagesMax)
            found.append(
                RecentConversation(
                    summary: summary, messages: messages?.messages ?? [],
                    hasMore: messages?.hasMore ?? false))
        }
        return StartPage(
            cursor: InboxCursor(epoch: store.cursorEpoch, seq: seq), conversations: found,
            hasMore: hasMore, settings: try view.settings(user))
    }

    /// The conversations with the latest messages, the latest first, and whether there are more.
    private func latest(
        _ view: ChatView, _ user: UserID
    ) throws(StoreError) -> ([ConversationID], Bool) {
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.reversed = true
        scan.limit = Self.eventsMax
        let events = try view.scan(schema.inbox, scan)
        var latest: [ConversationID] = []
        while latest.count < StartPage.conversationsMax, let row = try events.next() {
            let value = try InboxValue(row.value).orDamaged("inbox")
            if value.kind == .message, !latest.contains(value.conversation) {
                latest.append(value.conversation)
            }
        }
        scan = Scan.prefix(ChatKeys.user(user))
        scan.limit = StartPage.conversationsMax + 1
        let rows = try view.scan(schema.conversations, scan)
        var count = 0
        while let row = try rows.next() {
            count += 1
            let raw = try ChatKeys.number(row.key, at: 10).orDamaged("conversations")
            let id = ConversationID(rawValue: raw)
            if latest.count < StartPage.conversationsMax, !latest.contains(id) {
                latest.append(id)
            }
        }
        return (latest, count > latest.count)
    }
}
