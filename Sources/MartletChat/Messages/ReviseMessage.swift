/// Edits a message, or deletes it for everybody.
struct ReviseMessage: Procedure {
    enum Change: Sendable {
        case edit(String)
        case delete
    }

    var user: UserID
    var conversation: ConversationID
    var number: UInt64
    var change: Change
    var now: UInt64
    /// Microseconds after which the author may not any more; `nil` for no limit.
    var window: UInt64?

    private var peer: UserID { conversation.peer }
    private var own: MessageKey { MessageKey(user, conversation, number) }
    private var other: MessageKey {
        MessageKey(peer, ConversationID(with: user), number)
    }

    var keys: [FactKey] {
        if conversation.isGroup { return GroupDraft.keys(conversation, user) }
        return [.pair(Pair(user, peer)), .account(peer), .inbox(user), .inbox(peer)]
            + Draft.writingKeys(user, to: peer)
    }

    var cost: Int {
        if case .edit(let text) = change { return 512 + 2 * text.utf8.count }
        return 512
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        conversation.isGroup ? try runInGroup(&draft) : try runInPair(&draft)
    }

    // MARK: One to one

    private func runInPair(_ draft: inout Draft) throws(Halt) -> Answer {
        try draft.mustExist(peer)
        // Before the messages are read: what is not stored yet must not be remembered as missing.
        guard number >= 1, number <= (try draft.pair(Pair(user, peer))).last else {
            throw .refused(Self.noSuchMessage)
        }
        try draft.need(peer == user ? [.message(own)] : [.message(own), .message(other)])
        guard let message = try draft.message(own), message.removal != .forMe else {
            throw .refused(Self.noSuchMessage)
        }
        guard message.sender == user else { throw .refused(Self.notAuthor) }
        // A new text is a message like another; taking one back is always allowed.
        if case .edit = change { try draft.mayWrite(user, to: peer) }
        guard let revised = try revise(message, revision: message.revision + 1, bound: true)
        else { return .revised(message.revision) }
        try tell(revised, user, own, &draft)
        if peer != user, let copy = try draft.message(other) {
            var theirs = revised
            theirs.clientMessageID = nil
            if copy.removal == .forMe { theirs.remove(.forMe) }
            try tell(theirs, peer, other, &draft)
        }
        return .revised(revised.revision)
    }

    private func tell(
        _ message: MessageValue, _ owner: UserID, _ key: MessageKey, _ draft: inout Draft
    ) throws(Halt) {
        draft.set(.message(key), .message(message))
        try draft.event(
            owner, InboxValue(kind: .changed, conversation: key.conversation, number: number),
            .changed(Message(key.conversation, number, message, for: owner)))
    }

    // MARK: Group

    private func runInGroup(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(conversation, by: user, &draft)
        guard number >= 1, number <= group.group.last,
            group.member.stay(for: number) != nil
        else { throw .refused(Self.noSuchMessage) }
        try draft.need([.message(own), .hidden(user, own)])
        guard let message = try draft.message(own), message.notice == nil,
            try !draft.isHidden(user, own)
        else { throw .refused(Self.noSuchMessage) }
        let isAuthor = message.sender == user
        var isAdmin = false
        if case .delete = change { isAdmin = group.member.role != .member }
        guard isAuthor || isAdmin else { throw .refused(Self.notAuthor) }
        let revised = try revise(
            message, revision: group.group.revisions + 1, bound: !isAdmin)
        guard let revised else { return .revised(message.revision) }
        group.group.revisions = revised.revision
        draft.set(.group(conversation), .group(group.group))
        draft.set(.message(own), .message(revised))
        try tellMembers(group, revised, &draft)
        return .revised(revised.revision)
    }

    /// Those who may read the message and have not deleted it for themselves.
    private func tellMembers(
        _ group: GroupDraft, _ message: MessageValue, _ draft: inout Draft
    ) throws(Halt) {
        let returned = group.roster.entries.filter { $0.from > number && $0.hasEarlierStays }
        try draft.need(returned.map { .member(conversation, $0.user) })
        var readers = group.roster.entries.filter { $0.from <= number }
        for entry in returned
        where try draft.member(conversation, entry.user)?.stay(for: number) != nil {
            readers.append(entry)
        }
        // Who has deleted it for the own devices is told as well: reading the inbox shows it
        // deleted, and so do the devices that have it.
        _ = try group.tell(
            InboxValue(kind: .changed, conversation: conversation, number: number), readers,
            message, &draft
        ) { .changed($0) }
    }

    // MARK: Both

    /// `nil` where there is nothing to change.
    private func revise(
        _ message: MessageValue, revision: UInt64, bound: Bool
    ) throws(Halt) -> MessageValue? {
        var revised = message
        revised.revision = revision
        switch change {
        case .edit(let text):
            guard message.removal == nil else { throw .refused(Self.noSuchMessage) }
            if message.text == text { return nil }
            revised.text = text
            revised.editedAt = now
        case .delete:
            if message.removal == .forAll { return nil }
            revised.remove(.forAll)
        }
        if bound, let window, window == 0 || now > message.sentAt &+ window {
            throw .refused(Self.tooLate)
        }
        return revised
    }

    static let noSuchMessage = ChatError(.notFound, "no such message")
    static let notAuthor = ChatError(.forbidden, "not the author of the message")
    static let tooLate = ChatError(.tooLate, "the time for it is over")
}
