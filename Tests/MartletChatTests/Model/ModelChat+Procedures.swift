@testable import MartletChat

/// What each procedure comes to.
extension ModelChat {
    /// What the user is told, in words.
    mutating func perform(_ procedure: any Procedure) -> String {
        do {
            switch procedure {
            case let send as SendMessage: return try perform(send)
            case let move as MoveCursor: return try perform(move)
            case let revise as ReviseMessage: return try perform(revise)
            case let hide as HideMessage: return try perform(hide)
            case let change as ChangeRelation: return try perform(change)
            case let change as ChangeSettings: return perform(change)
            case let mute as MuteConversation: return try perform(mute)
            default: return try performInGroup(procedure)
            }
        } catch {
            return "refused: \((error as? Refusal)?.code.description ?? "")"
        }
    }

    private mutating func perform(_ send: SendMessage) throws -> String {
        let key = SendKey(user: send.user, clientMessageID: send.clientMessageID)
        let place = Place(send.user, send.conversation)
        if !send.conversation.isGroup { try mustExist(send.conversation.peer) }
        if let earlier = sends[key] { return earlier }
        if send.conversation.isGroup {
            try mustBeIn(send.user, send.conversation)
        } else {
            try mayWrite(send.user, to: send.conversation.peer)
        }
        if let replyTo = send.replyTo, !mayRead(send.user, place, replyTo) {
            throw Refusal(.badRequest)
        }
        let entry = Entry(
            sender: send.user, text: send.text, sentAt: send.sentAt, replyTo: send.replyTo,
            said: 0)
        let number: UInt64
        if send.conversation.isGroup {
            number = post(entry, send.conversation)
        } else {
            number = append(entry, to: place)
            tell(send.user, .message, send.conversation, number)
            if send.conversation.peer != send.user {
                tell(send.conversation.peer, .message, ConversationID(with: send.user), number)
            }
        }
        return remember(key, send.conversation, number)
    }

    mutating func remember(
        _ key: SendKey, _ id: ConversationID, _ number: UInt64
    ) -> String {
        let own = inboxes[key.user] ?? []
        let seq = own.lastIndex { $0.conversation == id && $0.number == number } ?? 0
        sends[key] = "sent \(id) \(number) \(seq + 1)"
        return "sent \(id) \(number) \(seq + 1)"
    }

    private mutating func perform(_ move: MoveCursor) throws -> String {
        let place = Place(move.user, move.conversation)
        if move.conversation.isGroup {
            try mustHaveBeenIn(move.user, move.conversation)
        } else {
            try mustExist(move.conversation.peer)
        }
        let upTo = min(move.upTo, last(move.user, place))
        var cursors = conversations[place]?.cursors[move.user] ?? Cursors()
        let current = move.cursor == .read ? cursors.read : cursors.delivered
        if upTo <= current { return "moved \(current)" }
        cursors.delivered = max(cursors.delivered, upTo)
        if move.cursor == .read {
            cursors.read = upTo
            tell(move.user, .readByOwn, move.conversation, upTo)
        }
        if !move.conversation.isGroup { show(&cursors, move.user, to: move.conversation.peer) }
        conversations[place]?.cursors[move.user] = cursors
        return "moved \(upTo)"
    }

    /// Tells the peer where the user stands, if they are to know.
    private mutating func show(_ cursors: inout Cursors, _ user: UserID, to peer: UserID) {
        let row = relations[[user, peer]] ?? RelationValue()
        let tells = (settings[user] ?? SettingsValue()).receipts && !row.blocked
        guard user == peer || tells else { return }
        let before = cursors
        cursors.shownDelivered = cursors.delivered
        cursors.shownRead = cursors.read
        if user == peer { return }
        if cursors.shownRead > before.shownRead {
            tell(peer, .readByPeer, ConversationID(with: user), cursors.shownRead)
        } else if cursors.shownDelivered > before.shownDelivered {
            tell(peer, .delivered, ConversationID(with: user), cursors.shownDelivered)
        }
    }

    private mutating func perform(_ revise: ReviseMessage) throws -> String {
        let (user, id) = (revise.user, revise.conversation)
        let place = Place(user, id)
        if id.isGroup { try mustBeIn(user, id) } else { try mustExist(id.peer) }
        guard mayRead(user, place, revise.number), var conversation = conversations[place] else {
            throw Refusal(.notFound)
        }
        let index = Int(revise.number) - 1
        var entry = conversation.log[index]
        if entry.notice != nil || entry.hiddenFor.contains(user) { throw Refusal(.notFound) }
        var isFree = false
        if case .delete = revise.change {
            isFree = id.isGroup && conversation.roles[user] != .member
        }
        if entry.sender != user && !isFree { throw Refusal(.forbidden) }
        if case .edit = revise.change, !id.isGroup { try mayWrite(user, to: id.peer) }
        switch revise.change {
        case .edit(let text):
            if entry.isDeleted { throw Refusal(.notFound) }
            if entry.text == text { return "revised" }
            entry.text = text
            entry.edited = nextMoment()
        case .delete:
            if entry.isDeleted { return "revised" }
            entry.isDeleted = true
        }
        if !isFree, let window = revise.window,
            window == 0 || revise.now > entry.sentAt + window
        {
            throw Refusal(.tooLate)
        }
        conversation.log[index] = entry
        conversations[place] = conversation
        if id.isGroup {
            for member in conversation.members where mayRead(member, place, revise.number) {
                tell(member, .changed, id, revise.number)
            }
        } else {
            tell(user, .changed, id, revise.number)
            if id.peer != user {
                tell(id.peer, .changed, ConversationID(with: user), revise.number)
            }
        }
        return "revised"
    }

    private mutating func perform(_ hide: HideMessage) throws -> String {
        let place = Place(hide.user, hide.conversation)
        if hide.conversation.isGroup {
            try mustHaveBeenIn(hide.user, hide.conversation)
        } else {
            try mustExist(hide.conversation.peer)
        }
        guard mayRead(hide.user, place, hide.number) else { throw Refusal(.notFound) }
        let isNew = conversations[place]?.log[Int(hide.number) - 1].hiddenFor
            .insert(hide.user).inserted
        if isNew == true { tell(hide.user, .changed, hide.conversation, hide.number) }
        return "done"
    }

    // MARK: Rights

    func mustExist(_ user: UserID) throws {
        if !users.contains(user) { throw Refusal(.notFound) }
    }

    func mustHaveBeenIn(_ user: UserID, _ group: ConversationID) throws {
        if conversations[.group(group)]?.stays[user] == nil { throw Refusal(.notFound) }
    }

    func mustBeIn(
        _ user: UserID, _ group: ConversationID, _ role: GroupRole = .member
    ) throws {
        try mustHaveBeenIn(user, group)
        guard let own = conversations[.group(group)]?.roles[user], own.rawValue >= role.rawValue
        else { throw Refusal(.forbidden) }
    }
}
