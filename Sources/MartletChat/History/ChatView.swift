import MartletStore

/// The chat's rows as of one moment: what a request reads fits together. Blocks: reader pool only.
struct ChatView {
    let store: Store
    let schema: ChatSchema
    let snapshot: Snapshot

    init(_ store: Store, _ schema: ChatSchema) {
        self.store = store
        self.schema = schema
        snapshot = store.snapshot()
    }

    func value<Value>(
        _ family: Family, _ row: some Bytes, _ decode: ([UInt8]) -> Value?
    ) throws(StoreError) -> Value? {
        let bytes = try store.get(
            family, row: row, qualifier: ChatSchema.qualifier, snapshot: snapshot)
        guard let bytes else { return nil }
        return try decode(bytes).orDamaged(family.table)
    }

    func scan(_ family: Family, _ scan: Scan) throws(StoreError) -> Scanner {
        try store.scan(family, scan, snapshot: snapshot)
    }

    func conversation(
        _ user: UserID, _ conversation: ConversationID
    ) throws(StoreError) -> ConversationValue? {
        try value(schema.conversations, ChatKeys.conversation(user, conversation)) {
            ConversationValue($0)
        }
    }

    func group(_ group: ConversationID) throws(StoreError) -> GroupValue? {
        try value(schema.groups, ChatKeys.group(group)) { GroupValue($0) }
    }

    func member(
        _ group: ConversationID, _ user: UserID
    ) throws(StoreError) -> MemberValue? {
        try value(schema.members, ChatKeys.member(group, user)) { MemberValue($0) }
    }

    func relation(_ user: UserID, _ other: UserID) throws(StoreError) -> RelationValue {
        let row = ChatKeys.relation(user, other)
        return try value(schema.relations, row) { RelationValue($0) } ?? RelationValue()
    }

    func settings(_ user: UserID) throws(StoreError) -> SettingsValue {
        try value(schema.settings, ChatKeys.user(user)) { SettingsValue($0) } ?? SettingsValue()
    }

    /// Microseconds since 1970; 0 for not at all.
    func mutedUntil(
        _ user: UserID, _ conversation: ConversationID
    ) throws(StoreError) -> UInt64 {
        let row = ChatKeys.conversation(user, conversation)
        return try value(schema.mutes, row) { MuteValue($0) }?.until ?? 0
    }

    func isHidden(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) throws(StoreError) -> Bool {
        let row = ChatKeys.message(user, conversation, number)
        return try value(schema.hidden, row) { $0.isEmpty ? nil : true } ?? false
    }

    /// The message as `user` sees it; `nil` if there is none, or the user may not read it.
    /// - Parameter member: The user's row in the group, if that is at hand.
    func message(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64,
        member known: MemberValue? = nil
    ) throws(StoreError) -> Message? {
        guard conversation.isGroup else {
            let row = ChatKeys.message(user, conversation, number)
            return try value(schema.messages, row) { MessageValue($0) }
                .map { Message(conversation, number, $0, for: user) }
        }
        let row = ChatKeys.groupMessage(conversation, number)
        var member = known
        if member == nil { member = try self.member(conversation, user) }
        guard let member, member.stay(for: number) != nil,
            let stored = try value(schema.groupMessages, row, { MessageValue($0) })
        else { return nil }
        return Message(
            conversation, number, stored, for: user, as: member,
            isHidden: try isHidden(user, conversation, number))
    }
}

extension Message {
    /// As `user` sees it, who may read it as a `member` of then or now. What it was edited to while
    /// the user was not in the group is not shown: the message is gone for the user.
    init(
        _ conversation: ConversationID, _ number: UInt64, _ value: MessageValue,
        for user: UserID, as member: MemberValue, isHidden: Bool
    ) {
        var shown = value
        if value.removal == nil, !member.witnessed(revision: value.revision) {
            shown.remove(.forAll)
        }
        self.init(conversation, number, shown, for: user, isHidden: isHidden)
    }
}
