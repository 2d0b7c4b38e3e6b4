/// The name of something that decisions depend on: mostly one row, sometimes what follows from a
/// few.
enum FactKey: Hashable, Sendable {
    /// The seq of the last event of a user's inbox.
    case inbox(UserID)
    /// Whether there is such an account.
    case account(UserID)
    /// Where both sides of a one-to-one conversation stand.
    case pair(Pair)
    /// What the first request with a client message id got.
    case send(SendKey)
    /// A message as it is stored.
    case message(MessageKey)
    /// Whether a user has deleted a group's message for the own devices.
    case hidden(UserID, MessageKey)
    /// A group's row.
    case group(ConversationID)
    /// A user's row in a group.
    case member(ConversationID, UserID)
    /// Who is in a group.
    case roster(ConversationID)
    /// Whether a group is among a user's conversations.
    case listed(UserID, ConversationID)
    /// How the first stands to the second.
    case relation(UserID, UserID)
    /// What a user has chosen.
    case settings(UserID)
    /// Until when a user wants no notifications of a conversation.
    case mute(UserID, ConversationID)
    /// The group behind an invitation.
    case link([UInt8])
}

/// The two sides of a one-to-one conversation, in the order of their ids.
struct Pair: Hashable, Sendable {
    let low: UserID
    let high: UserID

    init(_ one: UserID, _ other: UserID) {
        low = one.rawValue <= other.rawValue ? one : other
        high = one.rawValue <= other.rawValue ? other : one
    }
}

struct SendKey: Hashable, Sendable {
    let user: UserID
    let clientMessageID: String
}

/// Where a message is stored: on one side of a one-to-one conversation, or once for a group.
struct MessageKey: Hashable, Sendable {
    /// Whose copy; `nil` for a group's.
    let owner: UserID?
    let conversation: ConversationID
    let number: UInt64

    /// As `user` finds it.
    init(_ user: UserID, _ conversation: ConversationID, _ number: UInt64) {
        owner = conversation.isGroup ? nil : user
        self.conversation = conversation
        self.number = number
    }
}
