import MartletStore

/// A row of `subscriptions`: where a device gets its pushes, and how far its user's inbox has been
/// looked through for them.
struct SubscriptionValue: Hashable, Sendable {
    /// Whether pushes may say what a message says.
    var showsText: Bool
    /// Events up to here need no push any more, or have one in the outbox.
    var seq: UInt64
    /// What a transport needs, opaque here.
    var target: [UInt8]

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [1, showsText ? 1 : 0]
        bytes.append(varint: seq)
        bytes.append(contentsOf: target)
        return bytes
    }
}

extension SubscriptionValue {
    init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.byte() == 1, let flags = reader.byte(), flags < 2, let seq = reader.varint()
        else { return nil }
        self.init(showsText: flags == 1, seq: seq, target: Array(reader.rest()))
    }
}

/// The name of a push: there is one at most for each device and conversation.
public struct PushID: Hashable, Sendable {
    /// Whose device.
    public var user: UserID
    /// Which of the user's devices.
    public var device: DeviceID
    /// The conversation that has something new.
    public var conversation: ConversationID

    /// The id of these three.
    public init(user: UserID, device: DeviceID, conversation: ConversationID) {
        self.user = user
        self.device = device
        self.conversation = conversation
    }

    /// The row key: shard, user, device, conversation.
    public var bytes: [UInt8] { key.bytes }

    var key: RowKey {
        var key = ChatKeys.user(user)
        key.append(device.rawValue)
        key.append(conversation.rawValue)
        return key
    }

    /// Reads a row key.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 26, let user = ChatKeys.owner(bytes),
            let device = ChatKeys.number(bytes, at: 10),
            let conversation = ChatKeys.number(bytes, at: 18)
        else { return nil }
        self.init(
            user: user, device: DeviceID(rawValue: device),
            conversation: ConversationID(rawValue: conversation))
    }
}

extension PushID: CustomStringConvertible {
    /// `USER-DEVICE-CONVERSATION`, each 16 hex digits: what operators name a push by.
    public var description: String { "\(user)-\(device)-\(conversation)" }

    /// Reads the printed form; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let user = UserID(parts[0]), let device = DeviceID(parts[1]),
            let conversation = ConversationID(parts[2])
        else { return nil }
        self.init(user: user, device: device, conversation: conversation)
    }
}

/// What became of a dead letter that was to be taken.
package enum TakenDeadPush: Sendable, Hashable {
    case notThere
    /// It is gone; with `revive`, because a newer push of the same id is in the outbox.
    case dropped
    /// It is in the outbox again.
    case revived(StoredPush)
}

/// A push of the outbox, as the store has it: what is opaque here belongs to the scheduler.
public struct StoredPush: Hashable, Sendable {
    /// Which.
    public var id: PushID
    /// Not sent before, in microseconds since 1970.
    public var dueAt: UInt64
    /// The scheduler's state of it.
    public var state: [UInt8]

    /// A push of these parts.
    public init(id: PushID, dueAt: UInt64, state: [UInt8]) {
        self.id = id
        self.dueAt = dueAt
        self.state = state
    }
}

/// A message that no device of its reader has, and a device that wants to be told.
public struct DuePush: Hashable, Sendable {
    /// The push.
    public var id: PushID
    /// Where to.
    public var target: [UInt8]
    /// The newest message.
    public var number: UInt64
}

/// What a push may say.
public struct PushContent: Hashable, Sendable {
    /// Where to.
    public var target: [UInt8]
    /// The newest message that the push is for.
    public var number: UInt64
    /// Unread messages of the conversation.
    public var unread: UInt64
    /// Who writes, or the group's name; `nil` where the device wants nothing said.
    public var title: String?
    /// What was written; `nil` where the device wants nothing said.
    public var text: String?
}
