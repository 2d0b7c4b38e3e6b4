import MartletStore

/// Reads conversations and their messages. Blocks: reader pool only.
struct HistoryReader: Sendable {
    let store: Store
    let schema: ChatSchema
    let directory: Directory

    func history(
        _ user: UserID, _ conversation: ConversationID, _ range: HistoryRange, limit: Int
    ) throws(StoreError) -> HistoryPage? {
        guard try directory.name(of: conversation.peer) != nil else { return nil }
        var scan = Scan.prefix(ChatKeys.conversation(user, conversation))
        scan.limit = limit + 1
        switch range {
        case .newest:
            scan.reversed = true
        case .before(let number):
            scan.reversed = true
            scan.start = ChatKeys.message(user, conversation, number).bytes
            scan.startInclusive = false
        case .after(let number):
            scan.start = ChatKeys.message(user, conversation, number).bytes
            scan.startInclusive = false
        }
        let scanner = try store.scan(schema.messages, scan)
        var messages: [Message] = []
        var hasMore = false
        while let row = try scanner.next() {
            if messages.count == limit {
                hasMore = true
                break
            }
            let number = try ChatKeys.number(row.key, at: 18).orDamaged("messages")
            let value = try MessageValue(row.value).orDamaged("messages")
            messages.append(Message(conversation, number, value))
        }
        if scan.reversed { messages.reverse() }
        return HistoryPage(messages: messages, hasMore: hasMore)
    }

    func conversations(
        _ user: UserID, limit: Int, after: ConversationID?
    ) throws(StoreError) -> ConversationPage {
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.limit = limit + 1
        if let after {
            scan.start = ChatKeys.conversation(user, after).bytes
            scan.startInclusive = false
        }
        let scanner = try store.scan(schema.conversations, scan)
        var found: [ConversationSummary] = []
        while let row = try scanner.next() {
            if found.count == limit {
                return ConversationPage(conversations: found, hasMore: true)
            }
            let raw = try ChatKeys.number(row.key, at: 10).orDamaged("conversations")
            let value = try ConversationValue(row.value).orDamaged("conversations")
            let conversation = ConversationID(rawValue: raw)
            found.append(
                ConversationSummary(
                    conversation: conversation,
                    peerName: try directory.name(of: conversation.peer) ?? "",
                    lastMessage: try message(user, conversation, value.last), last: value.last,
                    read: value.read, delivered: value.delivered,
                    peerDelivered: value.peerDelivered, peerRead: value.peerRead))
        }
        return ConversationPage(conversations: found, hasMore: false)
    }

    func message(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) throws(StoreError) -> Message? {
        let row = ChatKeys.message(user, conversation, number)
        guard let bytes = try store.value(schema.messages, row) else { return nil }
        return Message(conversation, number, try MessageValue(bytes).orDamaged("messages"))
    }
}

/// Which part of a conversation to read.
public enum HistoryRange: Hashable, Sendable {
    /// The newest messages.
    case newest
    /// The newest messages with a lower number.
    case before(UInt64)
    /// The oldest messages with a higher number.
    case after(UInt64)
}
