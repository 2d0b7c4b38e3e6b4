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
    indirect case hidden(UserID, MessageKey)
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

extension FactKey {
    /// A number that nearly always tells two keys apart, in a few instructions: it goes before a
    /// comparison, and nothing else rests on it.
    var fingerprint: UInt64 {
        switch self {
        case .inbox(let user): Self.mix(1, user.rawValue)
        case .account(let user): Self.mix(2, user.rawValue)
        case .pair(let pair): Self.mix(3, pair.low.rawValue, pair.high.rawValue)
        case .send(let key):
            Self.mix(4, key.user.rawValue, UInt64(key.clientMessageID.utf8.count))
        case .message(let key): Self.mix(5, key.conversation.rawValue, key.number)
        case .hidden(let user, let key): Self.mix(6, user.rawValue, key.number)
        case .group(let group): Self.mix(7, group.rawValue)
        case .member(let group, let user): Self.mix(8, group.rawValue, user.rawValue)
        case .roster(let group): Self.mix(9, group.rawValue)
        case .listed(let user, let group): Self.mix(10, user.rawValue, group.rawValue)
        case .relation(let user, let other): Self.mix(11, user.rawValue, other.rawValue)
        case .settings(let user): Self.mix(12, user.rawValue)
        case .mute(let user, let conversation):
            Self.mix(13, user.rawValue, conversation.rawValue)
        case .link(let digest): Self.mix(14, UInt64(digest.first ?? 0))
        }
    }

    @inline(__always)
    private static func mix(_ kind: UInt64, _ one: UInt64, _ other: UInt64 = 0) -> UInt64 {
        (one &* 0x9e37_79b9_7f4a_7c15) ^ (other &* 0xc2b2_ae3d_27d4_eb4f) ^ kind
    }
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
