/// What a user asks the sequencer for.
enum Request: Sendable {
    case send(SendRequest)
    case move(MoveRequest)

    var user: UserID {
        switch self {
        case .send(let send): send.user
        case .move(let move): move.user
        }
    }

    var peer: UserID {
        switch self {
        case .send(let send): send.peer
        case .move(let move): move.peer
        }
    }

    var pair: Pair { Pair(user, peer) }

    var sendKey: SendKey? {
        guard case .send(let send) = self else { return nil }
        return SendKey(user: send.user, clientMessageID: send.clientMessageID)
    }

    /// A bound for what the request makes the store write.
    var cost: Int {
        guard case .send(let send) = self else { return 256 }
        return 512 + 2 * send.text.utf8.count
    }
}

struct SendRequest: Sendable {
    var user: UserID
    var peer: UserID
    var text: String
    var clientMessageID: String
    var sentAt: UInt64
}

/// Moves one of `user`'s cursors in the conversation with `peer`.
struct MoveRequest: Sendable {
    enum Cursor: Sendable { case delivered, read }

    var user: UserID
    var peer: UserID
    var cursor: Cursor
    var upTo: UInt64
}

/// What a request got.
enum Answer: Sendable {
    case sent(SendReceipt)
    /// Where the cursor stands.
    case moved(UInt64)
}

/// What a send got.
public struct SendReceipt: Hashable, Sendable {
    /// The conversation, as the sender names it.
    public var conversation: ConversationID
    /// The message's place in the conversation: 1, 2, 3, ...
    public var number: UInt64
    /// The place of the message's event in the sender's own inbox.
    public var seq: UInt64
    /// Microseconds since 1970; for show.
    public var sentAt: UInt64
    /// Whether an earlier send with the same client message id had stored it.
    public var isDuplicate: Bool

    package init(
        conversation: ConversationID, number: UInt64, seq: UInt64, sentAt: UInt64,
        isDuplicate: Bool
    ) {
        self.conversation = conversation
        self.number = number
        self.seq = seq
        self.sentAt = sentAt
        self.isDuplicate = isDuplicate
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
