/// What a viewer may know of another user's presence, as far as it is stored: who is online now,
/// the sockets know.
public struct VisiblePresence: Hashable, Sendable {
    /// The other user.
    public var user: UserID
    /// Whether the viewer may see it. Nobody may see that of a user who does not exist.
    public var isVisible: Bool
    /// When the user was last there, in microseconds since 1970; `nil` if not visible or not known.
    public var lastSeen: UInt64?

    /// A presence of these parts.
    public init(user: UserID, isVisible: Bool, lastSeen: UInt64? = nil) {
        self.user = user
        self.isVisible = isVisible
        self.lastSeen = lastSeen
    }
}

/// Who wants to be told that a user has come online.
public struct PresenceQuestion: Hashable, Sendable {
    /// Who has come online.
    public var user: UserID
    /// Who looks.
    public var viewers: [UserID]

    /// A question of these parts.
    public init(user: UserID, viewers: [UserID]) {
        self.user = user
        self.viewers = viewers
    }
}

/// A member's cursors in a group, and who of those that look at the group may see them.
public struct GroupReceipt: Hashable, Sendable {
    /// The group.
    public var group: ConversationID
    /// The member.
    public var user: UserID
    /// Everything up to this number has reached the member.
    public var delivered: UInt64
    /// Everything up to this number was read by the member.
    public var read: UInt64
    /// Who may see it: never the member.
    public var audience: [UserID]

    /// A receipt of these parts.
    public init(
        group: ConversationID, user: UserID, delivered: UInt64, read: UInt64, audience: [UserID]
    ) {
        self.group = group
        self.user = user
        self.delivered = delivered
        self.read = read
        self.audience = audience
    }
}
