package import MartletChat

/// How a user is, as a viewer is told.
package struct PresenceState: Sendable, Equatable {
    package enum Kind: Sendable { case online, offline, unknown }

    package var user: UserID
    package var kind: Kind
    /// Microseconds since 1970.
    package var lastSeen: UInt64?

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.field("user", id: user.rawValue)
        switch kind {
        case .online: json.field("state", "online")
        case .offline: json.field("state", "offline")
        case .unknown: json.field("state", "unknown")
        }
        if let lastSeen { json.field("lastSeen", lastSeen) }
        json.endObject()
    }
}

/// What sockets are told and nothing stores: no event, no seq, no repeat.
enum TransientFrame: Sendable {
    case presence(PresenceState)
    case typing(ConversationID, UserID)
    case receipt(GroupReceipt)

    func write(to json: inout JSONWriter) {
        json.beginObject()
        switch self {
        case .presence(let state):
            json.key("presence")
            state.write(to: &json)
        case .typing(let conversation, let user):
            json.key("typing")
            json.beginObject()
            json.field("conversation", id: conversation.rawValue)
            json.field("user", id: user.rawValue)
            json.endObject()
        case .receipt(let receipt):
            json.key("receipt")
            json.beginObject()
            json.field("conversation", id: receipt.group.rawValue)
            json.field("user", id: receipt.user.rawValue)
            json.field("delivered", receipt.delivered)
            json.field("read", receipt.read)
            json.endObject()
        }
        json.endObject()
    }
}

/// A frame for sockets that watch.
struct WatchPush: Sendable {
    var frame: TransientFrame
    var watchers: [Watcher]
}

/// A frame for every socket of some users.
struct TypingPush: Sendable {
    var frame: TransientFrame
    var users: [UserID]
}
