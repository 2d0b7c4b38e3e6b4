package import MartletChat

/// What the edge needs of the domain, as values: the real service, or a test's own.
package struct ChatPort: Sendable {
    package typealias Reply = @Sendable (ChatOutcome) -> Void

    /// The epoch of every inbox cursor.
    package var epoch: UInt32
    /// Starts a call; the reply comes later, on any thread.
    package var perform: @Sendable (ChatCall, @escaping Reply) -> Void
    /// Whether a device has ended a moment ago. Does not block.
    package var hasEnded: @Sendable (UserID, DeviceID) -> Bool = { _, _ in false }
    /// A socket of the device has been opened, or closed. Do not block.
    package var opened: @Sendable (UserID, DeviceID) -> Void = { _, _ in }
    package var closed: @Sendable (UserID, DeviceID) -> Void = { _, _ in }
    /// Why what needs the primary is refused, if it is. Does not block.
    package var refusal: @Sendable () -> ChatError? = { nil }

    package init(epoch: UInt32, perform: @escaping @Sendable (ChatCall, @escaping Reply) -> Void) {
        self.epoch = epoch
        self.perform = perform
    }

    /// The port to a real service.
    /// - Parameter issuer: Verifies tokens that were not made here; none are accepted without it.
    /// - Parameter push: Which subscriptions are taken.
    package init(
        _ chat: ChatService, issuer: JWTVerifier? = nil, push: PushOptions = PushOptions(),
        clock: @escaping @Sendable () -> UInt64 = { 0 }
    ) {
        self.init(
            epoch: chat.epoch,
            perform: Self.guarded(chat) { call, reply in
                switch call {
                case .subscribe(let user, let device, let subscribe):
                    return Self.subscribe(user, device, subscribe, push, clock(), chat, reply)
                case .unsubscribe(let user, let device):
                    return chat.unsubscribe(user: user, device: device) {
                        reply(.init($0) { _ in .done })
                    }
                default: break
                }
                if case .authenticate(let token) = call, let issuer, JWTText.looksLike(token) {
                    return Self.authenticate(token, with: issuer, on: chat, reply)
                }
                Self.perform(call, on: chat, reply)
            })
        hasEnded = { chat.hasEnded(user: $0, device: $1) }
        opened = { chat.deviceOpened(user: $0, device: $1) }
        closed = { chat.deviceClosed(user: $0, device: $1) }
        refusal = { chat.writeRefusal }
    }

    private static func perform(
        _ call: ChatCall, on chat: ChatService, _ reply: @escaping Reply
    ) {
        switch call {
        case .register(let name, let password, let label):
            chat.register(name: name, password: password, label: label) {
                reply(.init($0) { .session($0) })
            }
        case .logIn(let name, let password, let label):
            chat.logIn(name: name, password: password, label: label) {
                reply(.init($0) { .session($0) })
            }
        case .authenticate(let token):
            chat.authenticate(token: token) { reply(.init($0) { .session($0) }) }
        case .logOut(let token):
            chat.logOut(token: token) { reply(.init($0) { _ in .done }) }
        case .find(let name):
            chat.findUser(name: name) { reply(.init($0) { .user($0.user, name: $0.name) }) }
        case .action(let user, let action):
            action.perform(for: user, on: chat) { reply(.init($0) { .action($0) }) }
        case .send(let user, let conversation, let clientMessageID, let text, let replyTo):
            chat.send(
                from: user, to: conversation, text: text, clientMessageID: clientMessageID,
                replyTo: replyTo
            ) { reply(.init($0) { .receipt($0) }) }
        case .markDelivered(let user, let conversation, let number):
            chat.markDelivered(user: user, conversation: conversation, upTo: number) {
                reply(.init($0) { .moved($0) })
            }
        case .markRead(let user, let conversation, let number):
            chat.markRead(user: user, conversation: conversation, upTo: number) {
                reply(.init($0) { .moved($0) })
            }
        case .history, .conversations, .events, .latestCursor:
            performPage(call, on: chat, reply)
        case .subscribe, .unsubscribe:
            break
        case .devices, .revoke, .changePassword:
            performAccount(call, on: chat, reply)
        }
    }

    private static func performPage(
        _ call: ChatCall, on chat: ChatService, _ reply: @escaping Reply
    ) {
        switch call {
        case .history(let user, let conversation, let range, let limit):
            chat.history(
                user: user, conversation: conversation, range: range, limit: limit
            ) { reply(.init($0) { .history($0.messages, more: $0.hasMore) }) }
        case .conversations(let user, let after, let limit):
            chat.conversations(user: user, limit: limit, after: after) {
                reply(.init($0) { .conversations($0.conversations, more: $0.hasMore) })
            }
        case .events(let user, let seq, let limit):
            chat.events(user: user, after: seq, limit: limit) {
                reply(.init($0) { .events($0.events, $0.cursor, limited: $0.limited) })
            }
        case .latestCursor(let user, let epoch):
            chat.latestCursor(user: user, insteadOf: epoch) { reply(.init($0) { .cursor($0) }) }
        default:
            break
        }
    }
}

extension ChatOutcome {
    init<Value>(_ result: Result<Value, ChatError>, _ make: (Value) -> ChatOutcome) {
        switch result {
        case .success(let value): self = make(value)
        case .failure(let error): self = .failure(error)
        }
    }
}
