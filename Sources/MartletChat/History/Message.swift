/// A message as one side of the conversation sees it.
public struct Message: Hashable, Sendable {
    /// The conversation, as the reader names it.
    public var conversation: ConversationID
    /// The place in the conversation: 1, 2, 3, ... the same on both sides.
    public var number: UInt64
    /// Who wrote it.
    public var sender: UserID
    /// The author's own id for it; only the author gets it.
    public var clientMessageID: String?
    /// Microseconds since 1970. For show: order is `number`.
    public var sentAt: UInt64
    /// 1 byte to 16 KiB of UTF-8.
    public var text: String

    /// A message of these parts.
    public init(
        conversation: ConversationID, number: UInt64, sender: UserID, clientMessageID: String?,
        sentAt: UInt64, text: String
    ) {
        self.conversation = conversation
        self.number = number
        self.sender = sender
        self.clientMessageID = clientMessageID
        self.sentAt = sentAt
        self.text = text
    }

    init(_ conversation: ConversationID, _ number: UInt64, _ value: MessageValue) {
        self.init(
            conversation: conversation, number: number, sender: value.sender,
            clientMessageID: value.clientMessageID, sentAt: value.sentAt, text: value.text)
    }
}

/// Messages of one conversation, oldest first.
public struct HistoryPage: Hashable, Sendable {
    /// Oldest first.
    public var messages: [Message]
    /// Whether there are further messages in the direction asked for.
    public var hasMore: Bool
}
