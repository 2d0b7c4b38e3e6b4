/// A conversation as a device sees it first: where it stands, and its last messages.
public struct RecentConversation: Hashable, Sendable {
    /// Where the user stands in it.
    public var summary: ConversationSummary
    /// The last messages, oldest first.
    public var messages: [Message]
    /// Whether there are older ones that the user may read.
    public var hasMore: Bool
}

/// What a device starts with: one frame's worth.
public struct StartPage: Hashable, Sendable {
    /// The cursor behind all that is in here: what happened since is found from it.
    public var cursor: InboxCursor
    /// The conversations with the latest messages, the latest first.
    public var conversations: [RecentConversation]
    /// Whether there are further conversations.
    public var hasMore: Bool
    /// What the user has chosen.
    public var settings = SettingsValue()

    /// Cut to `conversations` conversations with `messages` messages each.
    func cut(conversations count: Int, messages: Int) -> StartPage {
        var page = self
        page.hasMore = hasMore || count < conversations.count
        page.conversations = conversations.prefix(count).map { conversation in
            var cut = conversation
            cut.hasMore = conversation.hasMore || messages < conversation.messages.count
            cut.messages = Array(conversation.messages.suffix(messages))
            return cut
        }
        return page
    }
}

extension StartPage {
    /// What the design keeps: the last 15 messages of the last 5 conversations.
    static let conversationsMax = 5
    static let messagesMax = 15

    /// Takes the user's next event in. False where it cannot be told from what is here how things
    /// stand afterwards: then the page is of no use any more.
    mutating func apply(_ event: InboxEvent, of user: UserID) -> Bool {
        guard event.seq == cursor.seq + 1 else { return event.seq <= cursor.seq }
        cursor.seq = event.seq
        switch event.kind {
        case .message(let message):
            return message.notice == nil && add(message, of: user)
        case .changed(let message):
            replace(message)
        case .contact:
            break
        case .settings(let settings):
            self.settings = settings
        case .muted(let id, let until):
            change(id) { $0.mutedUntil = until }
        case .delivered(let id, let upTo):
            change(id) { $0.peerDelivered = max($0.peerDelivered, upTo) }
        case .read(let id, let upTo, .own):
            change(id) {
                $0.read = max($0.read, upTo)
                $0.delivered = max($0.delivered, upTo)
            }
        case .read(let id, let upTo, .peer):
            change(id) {
                $0.peerRead = max($0.peerRead, upTo)
                $0.peerDelivered = max($0.peerDelivered, upTo)
            }
        }
        return true
    }

    private mutating func add(_ message: Message, of user: UserID) -> Bool {
        let place = conversations.firstIndex { $0.summary.conversation == message.conversation }
        guard let place, conversations[place].summary.last + 1 == message.number else {
            return false
        }
        var conversation = conversations.remove(at: place)
        conversation.messages.append(message)
        if conversation.messages.count > Self.messagesMax {
            conversation.messages.removeFirst()
            conversation.hasMore = true
        }
        conversation.summary.last = message.number
        conversation.summary.lastMessage = message
        let isOneself = message.conversation == ConversationID(with: user)
        if message.sender == user {
            conversation.summary.read = message.number
            conversation.summary.delivered = message.number
        }
        if conversation.summary.group == nil, message.sender != user || isOneself {
            conversation.summary.peerRead = message.number
            conversation.summary.peerDelivered = message.number
        }
        conversations.insert(conversation, at: 0)
        return true
    }

    private mutating func replace(_ message: Message) {
        let place = conversations.firstIndex { $0.summary.conversation == message.conversation }
        guard let place else { return }
        if let last = conversations[place].summary.lastMessage, last.number == message.number {
            conversations[place].summary.lastMessage = last.replaced(by: message)
        }
        let index = conversations[place].messages.firstIndex { $0.number == message.number }
        if let index {
            let old = conversations[place].messages[index]
            conversations[place].messages[index] = old.replaced(by: message)
        }
    }

    private mutating func change(
        _ id: ConversationID, _ body: (inout ConversationSummary) -> Void
    ) {
        for place in conversations.indices
        where conversations[place].summary.conversation == id {
            body(&conversations[place].summary)
        }
    }

    /// About the bytes that it takes in memory.
    var cost: Int {
        conversations.reduce(256) { sum, conversation in
            conversation.messages.reduce(sum + 512) { $0 + 192 + $1.text.utf8.count }
        }
    }
}
