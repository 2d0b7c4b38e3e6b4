/// Something that concerns a user, with its place in the user's inbox.
public struct InboxEvent: Hashable, Sendable {
    /// Who moved a cursor.
    public enum Reader: Hashable, Sendable {
        /// The user, on one of the own devices.
        case own
        /// The other side.
        case peer
    }

    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A message to or from the user, or a change of a group.
        case message(Message)
        /// A message was edited or deleted: this is what is left of it.
        case changed(Message)
        /// Everything up to this number has reached the peer.
        case delivered(ConversationID, upTo: UInt64)
        /// Everything up to this number was read.
        case read(ConversationID, upTo: UInt64, by: Reader)
        /// The user and another one stand to each other in another way than before.
        case contact(Contact)
        /// No notifications of the conversation until then, in microseconds since 1970; 0: as ever.
        case muted(ConversationID, until: UInt64)
        /// The user's settings.
        case settings(SettingsValue)
    }

    /// The place in the inbox: 1, 2, 3, ... without gaps.
    public var seq: UInt64
    /// What happened.
    public var kind: Kind

    /// An event of these parts.
    public init(seq: UInt64, kind: Kind) {
        self.seq = seq
        self.kind = kind
    }
}

/// An event on its way to the devices of a user.
public struct Delivery: Hashable, Sendable {
    /// Whose inbox it is in.
    public var user: UserID
    /// The event.
    public var event: InboxEvent

    /// A delivery of these parts.
    public init(user: UserID, event: InboxEvent) {
        self.user = user
        self.event = event
    }
}

/// Events of one user, in the order of their seqs.
public struct InboxPage: Hashable, Sendable {
    /// In the order of their seqs, without gaps.
    public var events: [InboxEvent]
    /// The cursor behind the page.
    public var cursor: InboxCursor
    /// Whether there are further events behind the page: apply it and ask again.
    public var limited: Bool
    /// Events in the inbox behind the page. A client that is far behind may rather start afresh.
    public var behind: UInt64
}
