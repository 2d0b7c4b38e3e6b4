import MartletSimulation

@testable import MartletChat

// The domain's values as the checker sees them.

extension ConversationKey {
    init(_ conversation: ConversationID, of user: UserID) {
        self =
            conversation.isGroup
            ? .group(conversation.rawValue) : .between(user.rawValue, conversation.rawValue)
    }

    /// As `user` names it.
    func id(for user: UserID) -> ConversationID {
        if case .group(let id) = self { return ConversationID(rawValue: id) }
        return ConversationID(rawValue: peer(of: user.rawValue) ?? 0)
    }
}

extension SeenMessage {
    init(_ message: Message, of user: UserID) {
        self.init(
            ConversationKey(message.conversation, of: user), number: message.number,
            sender: message.sender.rawValue, content: message.text)
        revision = message.revision
        isHidden = message.removal == .forMe
        notice = message.notice.map { SeenNotice($0, by: message.sender) }
    }
}

extension SeenNotice {
    init(_ notice: GroupNotice, by sender: UserID) {
        let user = (notice.user ?? sender).rawValue
        switch notice.kind {
        case .created: self = .created(name: notice.name ?? "")
        case .added, .joined: self = .entered(user)
        case .removed, .left: self = .left(user)
        case .renamed, .role: self = .other("\(notice.kind) \(user) \(notice.name ?? "")")
        }
    }
}

extension SeenEvent {
    init(_ event: InboxEvent, of user: UserID) {
        func key(_ conversation: ConversationID) -> ConversationKey {
            ConversationKey(conversation, of: user)
        }
        var kind = Kind.other("\(event.kind)")
        if case .message(let message) = event.kind {
            kind = .message(SeenMessage(message, of: user))
        } else if case .changed(let message) = event.kind {
            kind = .changed(SeenMessage(message, of: user))
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
            ConversationKey(summary.conversation, of: user), last: summary.last,
            read: summary.read)
        lastMessage = summary.lastMessage.map { SeenMessage($0, of: user) }
        guard summary.group == nil else { return }
        peerDelivered = summary.peerDelivered
        peerRead = summary.peerRead
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

extension SeenCursor {
    init(_ cursor: InboxCursor) { self.init(epoch: UInt64(cursor.epoch), seq: cursor.seq) }
}
