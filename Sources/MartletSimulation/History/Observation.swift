import MartletStore

/// A send as a client makes it. Repeats are the same send.
package struct ClientSend: Hashable, Sendable {
    package var device: DeviceKey
    package var conversation: ConversationKey
    package var clientMessageID: String
    /// What it says, unlike any other send.
    package var content: String

    package init(
        _ device: DeviceKey, _ conversation: ConversationKey, clientMessageID: String,
        content: String
    ) {
        self.device = device
        self.conversation = conversation
        self.clientMessageID = clientMessageID
        self.content = content
    }
}

/// What a send was answered.
package struct SeenAnswer: Hashable, Sendable {
    package var number: UInt64
    /// The place in the sender's inbox, and its epoch.
    package var cursor: SeenCursor
    /// Whether the server says that it had stored it before.
    package var isRepeat: Bool

    package init(number: UInt64, cursor: SeenCursor, isRepeat: Bool) {
        self.number = number
        self.cursor = cursor
        self.isRepeat = isRepeat
    }
}

/// One thing that a client did or saw. `asked` names the request by its place in the history.
package enum Observation: Hashable, Sendable {
    /// A send or its repeat goes off.
    case sendAsked(ClientSend)
    /// A send was acknowledged.
    case sendAnswered(ClientSend, SeenAnswer)
    /// A send was refused for good: it was not stored and will not be.
    case sendRefused(ClientSend)
    /// A device asks for the events behind its cursor.
    case pageAsked(DeviceKey, after: SeenCursor)
    case pageAnswered(DeviceKey, asked: Int, SeenPage)
    /// An event came unasked. `connection`: where the transport keeps the order and loses nothing
    /// while it lives.
    case pushed(DeviceKey, epoch: UInt64, connection: Int?, SeenEvent)
    /// A device applied an event and moved its cursor behind it.
    case applied(DeviceKey, epoch: UInt64, SeenEvent)
    /// A device threw away what it had and took this cursor.
    case reset(DeviceKey, to: SeenCursor)
    case historyAsked(DeviceKey, ConversationKey, SeenRange)
    case historyAnswered(DeviceKey, asked: Int, [SeenMessage], hasMore: Bool)
    /// A device moves a cursor of its user.
    case moveAsked(DeviceKey, SeenReceipt, ConversationKey, upTo: UInt64)
    case moveAnswered(DeviceKey, asked: Int, upTo: UInt64)
    /// A device asks for all conversations.
    case summariesAsked(DeviceKey)
    case summariesAnswered(DeviceKey, asked: Int, [SeenSummary])
    /// A message was edited or deleted for all and now has this revision.
    case changeAnswered(DeviceKey, ConversationKey, number: UInt64, revision: UInt64)
    /// A message was deleted for this user alone.
    case hideAnswered(DeviceKey, ConversationKey, number: UInt64)
    /// A group was changed, and the change has this number.
    case noticeAnswered(DeviceKey, ConversationKey, number: UInt64)
    /// Something that explains the rest to a reader: a crash, a restart.
    case note(String)
}

/// What clients did and saw, in an order in which it may have happened: a request is recorded
/// before it goes off, an answer after it came.
///
/// `@unchecked Sendable`: the list is read and written under `monitor` only, and what is handed out
/// is a copy.
package final class ChatHistory: @unchecked Sendable {
    private let monitor = Monitor()
    private var list: [Observation] = []

    package init() {}

    /// Adds one; its place.
    @discardableResult
    package func record(_ observation: Observation) -> Int {
        monitor.withLock {
            list.append(observation)
            return list.count - 1
        }
    }

    package var observations: [Observation] { monitor.withLock { list } }
}
