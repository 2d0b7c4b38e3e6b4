/// Where a user stands in one conversation.
public struct ConversationSummary: Hashable, Sendable {
    /// The conversation, as the user names it.
    public var conversation: ConversationID
    /// The peer's name, or the group's; as it was last for one who is not in it any more.
    public var name: String
    /// The message with number `last`.
    public var lastMessage: Message?
    /// The number of the last message that the user may read.
    public var last: UInt64
    /// Everything up to here is read by the user.
    public var read: UInt64
    /// Everything up to here has reached the user.
    public var delivered: UInt64
    /// Everything up to here has reached the peer; 0 in a group.
    public var peerDelivered: UInt64 = 0
    /// Everything up to here is read by the peer; 0 in a group.
    public var peerRead: UInt64 = 0
    /// No notifications until then, in microseconds since 1970; 0: as ever.
    public var mutedUntil: UInt64 = 0
    /// In a group: as what the user is in it.
    public var group: GroupStanding?

    /// Messages after `read`.
    public var unread: UInt64 { last - min(read, last) }
}

/// What a user is in a group.
public struct GroupStanding: Hashable, Sendable {
    /// `nil` for one who has left or was removed.
    public var role: GroupRole?
    /// The first number of the last stay; of earlier stays there may be lower ones.
    public var from: UInt64
    /// Members now; for one who is not in it any more, those who stayed behind.
    public var members: Int
}

/// A member of a group as other members see them.
public struct GroupMember: Hashable, Sendable {
    /// Who.
    public var user: UserID
    /// The member's name.
    public var name: String
    /// What they may do.
    public var role: GroupRole
    /// Everything up to here has reached the member, as far as the member tells others.
    public var delivered: UInt64
    /// Everything up to here is read by the member, likewise.
    public var read: UInt64
}

/// Members of a group, in the order of their ids.
public struct MemberPage: Hashable, Sendable {
    /// In the order of their ids.
    public var members: [GroupMember]
    /// Whether there are further ones.
    public var hasMore: Bool
}

/// A user's conversations, in the order of their ids.
public struct ConversationPage: Hashable, Sendable {
    /// In the order of their ids.
    public var conversations: [ConversationSummary]
    /// Whether there are further ones.
    public var hasMore: Bool
}
