import MartletSimulation
import MartletStore

@testable import MartletChat

/// What one server process has said so far and the network has not taken up yet. With the process
/// the mailbox goes.
///
/// `@unchecked Sendable`: the list is read and written under `monitor` only, and what is handed out
/// is a copy.
final class Mailbox: @unchecked Sendable {
    enum Letter {
        case answer(connection: Int, id: Int, ClientAnswer)
        case push(UserID, InboxEvent)
    }

    private let monitor = Monitor()
    private var letters: [Letter] = []

    func add(_ letter: Letter) { monitor.withLock { letters.append(letter) } }

    func takeAll() -> [Letter] {
        monitor.withLock {
            defer { letters.removeAll() }
            return letters
        }
    }
}

/// The domain's values as the checker sees them.
extension SeenMessage {
    init(_ message: Message, of user: UserID) {
        self.init(
            .between(user.rawValue, message.conversation.rawValue), number: message.number,
            sender: message.sender.rawValue, content: message.text)
    }
}

extension SeenEvent {
    init(_ event: InboxEvent, of user: UserID) {
        func key(_ conversation: ConversationID) -> ConversationKey {
            .between(user.rawValue, conversation.rawValue)
        }
        var kind = Kind.other("\(event.kind)")
        if case .message(let message) = event.kind {
            kind = .message(SeenMessage(message, of: user))
        } else if case .delivered(let conversation, let upTo) = event.kind {
            kind = .peer(.delivered, key(conversation), upTo: upTo)
        } else if case .read(let conversation, let upTo, let reader) = event.kind {
            kind =
                reader == .own
                ? .own(.read, key(conversation), upTo: upTo)
                : .peer(.read, key(conversation), upTo: upTo)
        }
        self.init(seq: event.seq, kind)
    }
}

extension SeenSummary {
    init(_ summary: ConversationSummary, of user: UserID) {
        self.init(
            .between(user.rawValue, summary.conversation.rawValue), last: summary.last,
            read: summary.read)
        peerDelivered = summary.peerDelivered
        peerRead = summary.peerRead
        lastMessage = summary.lastMessage.map { SeenMessage($0, of: user) }
    }
}

extension SeenRange {
    var range: HistoryRange {
        switch self {
        case .newest: .newest
        case .before(let number): .before(number)
        case .after(let number): .after(number)
        }
    }
}
