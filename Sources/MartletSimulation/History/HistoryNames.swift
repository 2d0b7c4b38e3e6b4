/// A conversation as the checker names it: the same for everybody who is part of it.
package enum ConversationKey: Hashable, Sendable {
    /// Two users, the lower id first; a user with the own id is the conversation with oneself.
    case pair(UInt64, UInt64)
    /// A group by its id.
    case group(UInt64)

    /// The one-to-one conversation of two users.
    package static func between(_ one: UInt64, _ other: UInt64) -> ConversationKey {
        .pair(min(one, other), max(one, other))
    }

    /// The other side of a one-to-one conversation; `nil` for a group.
    package func peer(of user: UInt64) -> UInt64? {
        guard case .pair(let low, let high) = self else { return nil }
        return user == low ? high : low
    }
}

/// One device of one user.
package struct DeviceKey: Hashable, Sendable {
    package var user: UInt64
    package var index: Int

    package init(_ user: UInt64, _ index: Int) {
        self.user = user
        self.index = index
    }
}

/// How far a device has read its inbox; epoch 0 for a device that has no cursor yet.
package struct SeenCursor: Hashable, Sendable {
    package var epoch: UInt64
    package var seq: UInt64

    package init(epoch: UInt64, seq: UInt64) {
        self.epoch = epoch
        self.seq = seq
    }
}

/// The numbers of a group that a user may read: from the joining to the removal.
package struct MembershipInterval: Hashable, Sendable {
    package var user: UInt64
    package var first: UInt64
    /// `nil` while the user is a member.
    package var last: UInt64?

    package init(user: UInt64, first: UInt64, last: UInt64? = nil) {
        self.user = user
        self.first = first
        self.last = last
    }

    package func contains(_ number: UInt64) -> Bool {
        number >= first && number <= last ?? .max
    }
}

/// A group's log entry.
package enum SeenNotice: Hashable, Sendable {
    /// The group was made; its name tells the checker which one it is.
    case created(name: String)
    case entered(UInt64)
    case left(UInt64)
    case other(String)
}

/// A message as somebody saw it.
package struct SeenMessage: Hashable, Sendable {
    package var conversation: ConversationKey
    package var number: UInt64
    package var sender: UInt64
    /// What it says. The checker recognises a send by it, so every send says something else.
    package var content: String
    /// Grows with each edit and deletion.
    package var revision: UInt64 = 0
    /// A group's log entry in place of a text: nobody sent it, but it has a number like a message.
    package var notice: SeenNotice?
    /// Deleted for this user alone: it says nothing.
    package var isHidden = false

    package init(
        _ conversation: ConversationKey, number: UInt64, sender: UInt64, content: String
    ) {
        self.conversation = conversation
        self.number = number
        self.sender = sender
        self.content = content
    }
}

/// A cumulative cursor of a user in a conversation.
package enum SeenReceipt: Hashable, Sendable {
    case delivered
    case read
}

/// An event of a user's inbox as a device saw it.
package struct SeenEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case message(SeenMessage)
        /// A message of before was edited or deleted.
        case changed(SeenMessage)
        /// The peer's cursor moved.
        case peer(SeenReceipt, ConversationKey, upTo: UInt64)
        /// The user's own cursor moved.
        case own(SeenReceipt, ConversationKey, upTo: UInt64)
        /// Anything else, in words: it must be the same for everybody.
        case other(String)
    }

    package var seq: UInt64
    package var kind: Kind

    package init(seq: UInt64, _ kind: Kind) {
        self.seq = seq
        self.kind = kind
    }
}

/// A page of an inbox.
package struct SeenPage: Hashable, Sendable {
    package var events: [SeenEvent]
    /// The cursor behind the page.
    package var cursor: SeenCursor
    package var isLimited = false
    package var isReset = false

    package init(_ events: [SeenEvent], cursor: SeenCursor) {
        self.events = events
        self.cursor = cursor
    }
}

/// Which part of a conversation was asked for.
package enum SeenRange: Hashable, Sendable {
    case newest
    case before(UInt64)
    case after(UInt64)
}

/// Where a user stands in one conversation, as the server told.
package struct SeenSummary: Hashable, Sendable {
    package var conversation: ConversationKey
    package var last: UInt64
    package var read: UInt64
    /// Of a one-to-one conversation only.
    package var peerDelivered: UInt64?
    package var peerRead: UInt64?
    package var lastMessage: SeenMessage?

    package init(_ conversation: ConversationKey, last: UInt64, read: UInt64) {
        self.conversation = conversation
        self.last = last
        self.read = read
    }
}
