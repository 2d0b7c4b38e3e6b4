package import MartletChat

/// One call of the domain that a session wants made, on its user's behalf.
package enum ChatCall: Sendable, Equatable {
    case register(name: String, password: String, label: String? = nil)
    case logIn(name: String, password: String, label: String? = nil)
    case authenticate(token: String)
    case logOut(token: String)
    case devices(UserID)
    case revoke(UserID, DeviceID)
    case subscribe(UserID, DeviceID, SubscribeRequest)
    case unsubscribe(UserID, DeviceID)
    /// Ends all devices but this.
    case changePassword(UserID, keeping: DeviceID, old: String, new: String)
    case find(name: String)
    case send(
        UserID, to: ConversationID, clientMessageID: String, text: String, replyTo: UInt64?)
    case history(UserID, ConversationID, HistoryRange, limit: Int)
    case conversations(UserID, after: ConversationID?, limit: Int)
    case events(UserID, after: UInt64, limit: Int)
    /// Where the inbox stands, in place of a cursor of another epoch.
    case latestCursor(UserID, cursorEpoch: UInt32 = 0)
    case markDelivered(UserID, ConversationID, upTo: UInt64)
    case markRead(UserID, ConversationID, upTo: UInt64)
    case action(UserID, ChatAction)
}

/// How a call ended.
package enum ChatOutcome: Sendable {
    case session(Session)
    case done
    case devices([Device])
    case user(UserID, name: String)
    /// With whether the peer is online, where the sender may know it.
    case receipt(SendReceipt, isPeerOnline: Bool? = nil)
    case history([Message], more: Bool)
    case conversations([ConversationSummary], more: Bool)
    case events([InboxEvent], InboxCursor, limited: Bool)
    /// Where a delivered or read cursor stands now.
    case moved(UInt64)
    case cursor(InboxCursor)
    case action(ActionResult)
    case failure(ChatError)
    /// Of a follower: rows of this position of its store, or of a later one.
    indirect case reflecting(UInt64, ChatOutcome)
    /// A token of an issuer is not accepted. The reason is for the log: who asks gets the error.
    case refused(ChatError, reason: String)
}

extension ChatCall {
    /// The verb that asks for it, as logs name it: nothing of what it carries.
    var verb: String {
        switch self {
        case .register: "register"
        case .logIn: "login"
        case .authenticate: "auth"
        case .logOut: "logout"
        case .devices: "devices"
        case .revoke: "revoke"
        case .subscribe: "subscribe"
        case .unsubscribe: "unsubscribe"
        case .changePassword: "password"
        case .find: "find"
        case .send: "send"
        case .history: "history"
        case .conversations: "conversations"
        case .events, .latestCursor: "sync"
        case .markDelivered: "delivered"
        case .markRead: "read"
        case .action(_, let action): "\(action.verb)"
        }
    }
}

extension ChatOutcome {
    /// Why it failed, if it did.
    var error: ChatError? {
        switch self {
        case .failure(let error), .refused(let error, _): error
        case .reflecting(_, let outcome): outcome.error
        default: nil
        }
    }

    /// Of any call that tries a password: whether that was right; nil if it stayed open.
    func isRightPassword(of call: ChatCall) -> Bool? {
        guard case .changePassword = call else { return isRightPassword }
        switch self {
        case .done: return true
        case .failure(let error) where error.code == .forbidden: return false
        default: return nil
        }
    }

    /// Of a login or an authentication: whether what was shown is right; nil if that stayed open.
    var isRightPassword: Bool? {
        switch self {
        case .session: true
        case .failure(let error) where error.code == .unauthorized: false
        default: nil
        }
    }
}
