package import MartletChat
package import MartletPush

/// What the server says: answers, by verb.
package enum ServerFrame: Sendable {
    case hi(epoch: UInt32, session: Session?, refusal: ErrorFrame?)
    case session(verb: Verb, Session)
    /// `logout`, `password` and `ping`.
    case done(verb: Verb)
    case devices([Device], current: DeviceID?)
    case revoked(DeviceID)
    case found(UserID, name: String)
    case sent(SendReceipt, clientMessageID: String, isPeerOnline: Bool? = nil)
    case history(ConversationID, [Message], more: Bool)
    case conversations([ConversationSummary], more: Bool)
    case sync(InboxCursor, [InboxEvent], limited: Bool, reset: Bool)
    case cursor(verb: Verb, ConversationID, upTo: UInt64)
    case action(verb: StaticString, ActionResult)
    case subscribed(kind: PushSubscription.Kind)
    case error(ErrorFrame)

    /// Verbs that share a form of answer.
    package enum Verb: Sendable {
        case register, login, auth, logout, password, ping, delivered, read, unsubscribe

        var key: StaticString {
            switch self {
            case .register: "register"
            case .login: "login"
            case .auth: "auth"
            case .logout: "logout"
            case .password: "password"
            case .ping: "ping"
            case .delivered: "delivered"
            case .read: "read"
            case .unsubscribe: "unsubscribe"
            }
        }
    }
}

/// An answer and the request's id.
package struct Answer: Sendable {
    package var id: String?
    package var frame: ServerFrame
    /// Of a follower: the position of its store that the answer's rows reflect, or an earlier one.
    package var position: UInt64?

    init(_ id: String?, _ frame: ServerFrame, position: UInt64? = nil) {
        self.id = id
        self.frame = frame
        self.position = position
    }
}
