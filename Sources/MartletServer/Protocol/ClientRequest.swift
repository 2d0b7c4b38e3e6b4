package import MartletChat

/// What a client asks for: the verbs of `docs/protocol/chat.md`, with checked fields.
package enum ClientRequest: Sendable, Equatable {
    case hi(version: UInt64, token: String?)
    case register(name: String, password: String, device: String? = nil)
    case login(name: String, password: String, device: String? = nil)
    case auth(token: String)
    case logout
    case devices
    case revoke(device: DeviceID)
    case password(old: String, new: String)
    /// Where the socket's device gets its pushes.
    case subscribe(SubscribeRequest)
    case unsubscribe
    case find(name: String)
    case send(
        conversation: ConversationID, clientMessageID: String, text: String, replyTo: UInt64?)
    case history(conversation: ConversationID, range: HistoryRange, limit: Int)
    case conversations(after: ConversationID?, limit: Int)
    case sync(epoch: UInt32, seq: UInt64, limit: Int)
    case delivered(conversation: ConversationID, upTo: UInt64)
    case read(conversation: ConversationID, upTo: UInt64)
    case ping
    case action(ChatAction)

    /// Requests whose answer may be large: a socket works on one of them at a time.
    package var isPage: Bool {
        switch self {
        case .history, .conversations, .sync: true
        case .action(let action): action.isPage
        default: false
        }
    }
}

/// One frame of a client.
package struct ClientFrame: Sendable, Equatable {
    package var id: String?
    package var request: ClientRequest
    /// Its place among those of its connection, for the log; 0 where nobody counts.
    package var number: UInt32 = 0

    package init(id: String?, request: ClientRequest) {
        self.id = id
        self.request = request
    }
}

/// Why a frame is refused. The socket stays open unless the bytes are not even UTF-8.
package struct FrameFault: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        case notUTF8, malformed, unknownVerb, badRequest, tooLarge, noToken
    }
    package var kind: Kind
    package var message: String
    /// Of the frame, when it could be read.
    package var id: String?
}
