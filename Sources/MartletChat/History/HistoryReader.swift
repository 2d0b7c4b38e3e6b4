import MartletStore

/// Reads conversations and their messages. Blocks: reader pool only.
struct HistoryReader: Sendable {
    let store: Store
    let schema: ChatSchema
    let directory: Directory
    let facts: FactReader

    var view: ChatView { ChatView(store, schema) }

    /// `nil` for a conversation with nobody, or a group that the user never was in.
    func history(
        _ user: UserID, _ conversation: ConversationID, _ range: HistoryRange, limit: Int
    ) throws(StoreError) -> HistoryPage? {
        if !conversation.isGroup, try directory.name(of: conversation.peer) == nil {
            return nil
        }
        return try page(view, user, conversation, range, limit: limit)
    }

    /// `nil` for a group that the user never was in.
    func page(
        _ view: ChatView, _ user: UserID, _ conversation: ConversationID,
        _ range: HistoryRange, limit: Int
    ) throws(StoreError) -> HistoryPage? {
        if conversation.isGroup {
            return try GroupHistory(view, conversation, user)?.page(range, limit: limit)
        }
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
        let scanner = try view.scan(schema.messages, scan)
        var messages: [Message] = []
        var hasMore = false
        while let row = try scanner.next() {
            if messages.count == limit {
                hasMore = true
                break
            }
            let number = try ChatKeys.number(row.key, at: 18).orDamaged("messages")
            let value = try MessageValue(row.value).orDamaged("messages")
            messages.append(Message(conversation, number, value, for: user))
        }
        if scan.reversed { messages.reverse() }
        return HistoryPage(messages: messages, hasMore: hasMore)
    }

    func conversations(
        _ user: UserID, limit: Int, after: ConversationID?
    ) throws(StoreError) -> ConversationPage {
        let view = view
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.limit = limit + 1
        if let after {
            scan.start = ChatKeys.conversation(user, after).bytes
            scan.startInclusive = false
        }
        let scanner = try view.scan(schema.conversations, scan)
        var found: [ConversationSummary] = []
        while let row = try scanner.next() {
            if found.count == limit {
                return ConversationPage(conversations: found, hasMore: true)
            }
            let raw = try ChatKeys.number(row.key, at: 10).orDamaged("conversations")
            let value = try ConversationValue(row.value).orDamaged("conversations")
            let conversation = ConversationID(rawValue: raw)
            if let summary = try summary(view, user, conversation, value) {
                found.append(summary)
            }
        }
        return ConversationPage(conversations: found, hasMore: false)
    }

    /// Where `user` stands in a conversation that has a row.
    func summary(
        _ view: ChatView, _ user: UserID, _ conversation: ConversationID,
        _ value: ConversationValue
    ) throws(StoreError) -> ConversationSummary? {
        guard conversation.isGroup else {
            return ConversationSummary(
                conversation: conversation,
                name: try directory.name(of: conversation.peer) ?? "",
                lastMessage: try view.message(user, conversation, value.last),
                last: value.last, read: value.read, delivered: value.delivered,
                peerDelivered: value.peerDelivered, peerRead: value.peerRead,
                mutedUntil: try view.mutedUntil(user, conversation))
        }
        guard let group = try view.group(conversation),
            let member = try view.member(conversation, user)
        else { return nil }
        let last = member.lastReadable(group.last)
        return ConversationSummary(
            conversation: conversation, name: member.parting?.name ?? group.name,
            lastMessage: try view.message(user, conversation, last, member: member),
            last: last, read: member.read, delivered: member.delivered,
            mutedUntil: try view.mutedUntil(user, conversation),
            group: GroupStanding(
                role: member.role, from: member.stays.last?.from ?? 0,
                members: Int(member.parting?.count ?? group.count)))
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
