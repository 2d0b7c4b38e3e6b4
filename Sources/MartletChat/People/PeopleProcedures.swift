/// Changes how two users stand to each other, by the table of `Relation`.
struct ChangeRelation: Procedure {
    var user: UserID
    var userName: String
    var other: UserID
    var otherName: String
    var action: RelationAction

    var keys: [FactKey] {
        [
            .account(other), .relation(user, other), .relation(other, user), .settings(other),
            .inbox(user), .inbox(other),
        ]
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        try draft.mustExist(other)
        guard user != other else {
            throw .refused(ChatError(.badRequest, "nobody is a contact of oneself"))
        }
        let own = try draft.relation(user, other)
        guard let relation = Relation(own: own, other: try draft.relation(other, user)) else {
            throw .refused(ChatError(.internal, "the two rows do not fit together"))
        }
        let change: RelationChange
        switch relation.after(action, otherSettings: try draft.settings(other)) {
        case .failure(let error): throw .refused(error)
        case .success(let found): change = found
        }
        if change.tellsActor {
            try tell(user, other, otherName, change.after.own, &draft)
        }
        if change.tellsOther {
            try tell(other, user, userName, change.after.other, &draft)
        }
        return .contact(change.after.own)
    }

    private func tell(
        _ owner: UserID, _ about: UserID, _ name: String, _ row: RelationValue,
        _ draft: inout Draft
    ) throws(Halt) {
        draft.set(.relation(owner, about), .relation(row))
        try draft.event(
            owner,
            InboxValue(kind: .contact, conversation: ConversationID(with: about), number: 0),
            .contact(Contact(user: about, name: name, row)))
    }
}

/// What a user wants to choose anew; `nil` leaves it as it is.
public struct SettingsChange: Hashable, Sendable {
    /// Whether delivered and read cursors are told to peers.
    public var receipts: Bool?
    /// Who may see whether the user is online.
    public var presence: PresenceAudience?
    /// From whom the user takes messages.
    public var messagesFrom: MessageAudience?

    /// A change of nothing.
    public init() {}
}

/// Sets what a user chooses.
struct ChangeSettings: Procedure {
    var user: UserID
    var change: SettingsChange

    var keys: [FactKey] { [.settings(user), .inbox(user)] }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        let old = try draft.settings(user)
        var new = old
        new.receipts = change.receipts ?? old.receipts
        new.presence = change.presence ?? old.presence
        new.messagesFrom = change.messagesFrom ?? old.messagesFrom
        guard new != old else { return .settings(old) }
        draft.set(.settings(user), .settings(new))
        try draft.event(
            user, InboxValue(kind: .settings, conversation: ConversationID(rawValue: 0), number: 0),
            .settings(new))
        return .settings(new)
    }
}

/// Sets until when a conversation makes no noise.
struct MuteConversation: Procedure {
    var user: UserID
    var conversation: ConversationID
    /// Microseconds since 1970; 0: as ever.
    var until: UInt64

    var keys: [FactKey] {
        let known: FactKey =
            conversation.isGroup
            ? .member(conversation, user) : .account(conversation.peer)
        return [known, .mute(user, conversation), .inbox(user)]
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        if conversation.isGroup {
            guard try draft.member(conversation, user) != nil else {
                throw .refused(GroupDraft.noSuchGroup)
            }
        } else {
            try draft.mustExist(conversation.peer)
        }
        let key = FactKey.mute(user, conversation)
        if try draft.value(key) == .mutedUntil(until) { return .mutedUntil(until) }
        draft.set(key, .mutedUntil(until))
        try draft.event(
            user, InboxValue(kind: .muted, conversation: conversation, number: until),
            .muted(conversation, until: until))
        return .mutedUntil(until)
    }
}

extension Draft {
    mutating func relation(_ user: UserID, _ other: UserID) throws(Halt) -> RelationValue {
        guard case .relation(let row) = try value(.relation(user, other)) else {
            return RelationValue()
        }
        return row
    }

    mutating func settings(_ user: UserID) throws(Halt) -> SettingsValue {
        guard case .settings(let row) = try value(.settings(user)) else {
            return SettingsValue()
        }
        return row
    }

    /// What `mayWrite` looks at.
    static func writingKeys(_ writer: UserID, to reader: UserID) -> [FactKey] {
        writer == reader
            ? [] : [.relation(writer, reader), .relation(reader, writer), .settings(reader)]
    }

    /// Halts with `forbidden` where `reader` does not want anything of `writer`, or the other way
    /// round. Blocked is not told apart from a stranger to one who takes contacts' messages only.
    /// - Returns: Whether the writer may see the reader's presence.
    @discardableResult
    mutating func mayWrite(_ writer: UserID, to reader: UserID) throws(Halt) -> Bool {
        if writer == reader { return false }
        try need(.relation(writer, reader), .relation(reader, writer), .settings(reader))
        let (own, other) = (try relation(writer, reader), try relation(reader, writer))
        let settings = try settings(reader)
        let isAllowed = PeopleRules.mayWrite(
            from: writer, to: reader, writerRow: own, readerRow: other, settings: settings)
        if !isAllowed { throw .refused(.notWanted) }
        return PeopleRules.maySeePresence(
            of: reader, by: writer, viewerRow: own, ownerRow: other, settings: settings)
    }

    mutating func tellsReceipts(of reader: UserID, to writer: UserID) throws(Halt) -> Bool {
        PeopleRules.tellsReceipts(
            of: reader, to: writer, readerRow: try relation(reader, writer),
            settings: try settings(reader))
    }
}
