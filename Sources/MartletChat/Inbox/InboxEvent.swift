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
        /// A message to or from the user.
        case message(Message)
        /// Everything up to this number has reached the peer.
        case delivered(ConversationID, upTo: UInt64)
        /// Everything up to this number was read.
        case read(ConversationID, upTo: UInt64, by: Reader)
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

    /// `nil` for a message event without its message.
    init?(seq: UInt64, _ value: InboxValue, _ message: MessageValue?) {
        self.seq = seq
        switch value.kind {
        case .message:
            guard let message else { return nil }
            kind = .message(Message(value.conversation, value.number, message))
        case .delivered: kind = .delivered(value.conversation, upTo: value.number)
        case .readByPeer: kind = .read(value.conversation, upTo: value.number, by: .peer)
        case .readByOwn: kind = .read(value.conversation, upTo: value.number, by: .own)
        }
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
