/// Where a user stands in one conversation.
public struct ConversationSummary: Hashable, Sendable {
    /// The conversation, as the user names it.
    public var conversation: ConversationID
    /// The peer's name.
    public var peerName: String
    /// The message with number `last`.
    public var lastMessage: Message?
    /// The number of the last message.
    public var last: UInt64
    /// Everything up to here is read by the user.
    public var read: UInt64
    /// Everything up to here has reached the user.
    public var delivered: UInt64
    /// Everything up to here has reached the peer.
    public var peerDelivered: UInt64
    /// Everything up to here is read by the peer.
    public var peerRead: UInt64

    /// Messages after `read`.
    public var unread: UInt64 { last - min(read, last) }
}

/// A user's conversations, in the order of their ids.
public struct ConversationPage: Hashable, Sendable {
    /// In the order of their ids.
    public var conversations: [ConversationSummary]
    /// Whether there are further ones.
    public var hasMore: Bool
}
