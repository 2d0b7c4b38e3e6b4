/// A group under change: its row, its members, and the member who acts.
struct GroupDraft {
    let id: ConversationID
    let user: UserID
    var group: GroupValue
    var member: MemberValue
    var roster: Roster

    /// What every procedure of a group begins with.
    static func keys(_ group: ConversationID, _ user: UserID) -> [FactKey] {
        [.group(group), .member(group, user), .roster(group)]
    }

    /// Halts with `not_found` for one who never was a member, and with `forbidden` for one who is
    /// none now or has a lower role.
    init(
        _ id: ConversationID, by user: UserID, atLeast role: GroupRole = .member,
        _ draft: inout Draft
    ) throws(Halt) {
        try draft.need(Self.keys(id, user))
        guard let group = try draft.group(id), let member = try draft.member(id, user) else {
            throw .refused(Self.noSuchGroup)
        }
        guard let own = member.role else { throw .refused(Self.notMember) }
        guard own.rawValue >= role.rawValue else { throw .refused(Self.notAllowed) }
        self.id = id
        self.user = user
        self.group = group
        self.member = member
        roster = try draft.roster(id)
    }

    /// A group that is made now.
    init(new id: ConversationID, by user: UserID, name: String, now: UInt64) {
        self.id = id
        self.user = user
        group = GroupValue(name: name, createdAt: now, last: 0)
        member = MemberValue(role: nil, stays: [])
        roster = Roster([])
    }

    /// Gives `message`, the acting user's, the next number, and every member an event. Who writes
    /// has thereby read what came before.
    /// - Returns: The number, and the event's place in the acting user's inbox.
    mutating func post(
        _ message: MessageValue, _ draft: inout Draft
    ) throws(Halt) -> (number: UInt64, seq: UInt64) {
        let number = append(message, &draft)
        member.write(number)
        draft.set(.member(id, user), .member(member))
        let seq = try tell(
            InboxValue(kind: .message, conversation: id, number: number), roster.entries,
            message, &draft
        ) { .message($0) }
        return (number, seq)
    }

    /// Gives `message` the next number, and tells nobody.
    mutating func append(_ message: MessageValue, _ draft: inout Draft) -> UInt64 {
        group.last += 1
        draft.set(.group(id), .group(group))
        draft.store(MessageKey(user, id, group.last), message)
        return group.last
    }

    /// An event for each of `entries`, who are on the roster: the author's with the client message
    /// id. Where they are all of it, one for all.
    /// - Returns: Its place in the acting user's inbox; 0 if it is not among them.
    func tell(
        _ value: InboxValue, _ entries: some Collection<Roster.Entry>, _ message: MessageValue,
        _ draft: inout Draft, _ kind: (Message) -> InboxEvent.Kind
    ) throws(Halt) -> UInt64 {
        if entries.count == roster.count, let list = try draft.inboxes(of: id, roster) {
            let author = message.sender
            let fanOut = FanOut(
                list: list, value: value,
                shown: kind(Message(id, value.number, message, for: .nobody)), author: author,
                shownToAuthor: kind(Message(id, value.number, message, for: author)))
            return draft.tellAll(fanOut, placeFor: user)
        }
        try draft.need(entries.lazy.map { .inbox($0.user) })
        let shown = kind(Message(id, value.number, message, for: .nobody))
        var own: UInt64 = 0
        for entry in entries {
            let isAuthor = entry.user == message.sender
            let seq = try draft.event(
                entry.user, value,
                isAuthor ? kind(Message(id, value.number, message, for: entry.user)) : shown)
            if entry.user == user { own = seq }
        }
        return own
    }

    /// Posts a notice of the acting user.
    mutating func post(
        _ notice: GroupNotice, at now: UInt64, _ draft: inout Draft
    ) throws(Halt) -> UInt64 {
        var message = MessageValue(
            sender: user, sentAt: now, clientMessageID: nil, text: "")
        message.notice = notice
        return try post(message, &draft).number
    }

    /// Sets what is known of a member, who may be the acting one.
    mutating func set(_ other: UserID, _ value: MemberValue, _ draft: inout Draft) {
        if other == user { member = value }
        roster = roster.with(other, value)
        group.count = UInt64(roster.count)
        draft.set(.group(id), .group(group))
        draft.set(.member(id, other), .member(value))
        draft.set(.roster(id), .roster(roster))
    }

    /// Lets a user in at the next number; the notice that says so is still to be posted.
    mutating func admit(
        _ other: UserID, as role: GroupRole, _ draft: inout Draft
    ) throws(Halt) {
        var value =
            try draft.member(id, other)
            ?? MemberValue(role: nil, stays: [])
        if value.stays.isEmpty { draft.set(.listed(other, id), .flag(true)) }
        guard value.stays.count < MemberValue.staysMax else {
            throw .refused(ChatError(.conflict, "one has come and gone too often"))
        }
        value.enter(at: group.last + 1, revisions: group.revisions, as: role)
        set(other, value, &draft)
    }

    /// Ends a user's stay with the number that was posted last.
    mutating func dismiss(
        _ other: UserID, isBarred: Bool, _ draft: inout Draft
    ) throws(Halt) {
        guard var value = try draft.member(id, other) else { return }
        value.leave(
            at: group.last, revisions: group.revisions,
            .init(name: group.name, count: UInt64(roster.count - 1)))
        value.isBarred = isBarred
        set(other, value, &draft)
    }

    static let noSuchGroup = ChatError(.notFound, "no such conversation")
    static let notMember = ChatError(.forbidden, "not a member of the group any more")
    static let notAllowed = ChatError(.forbidden, "the role in the group does not allow it")
}
