import MartletStore

/// Reads facts from the store. Blocks: reader pool only.
struct FactReader: Sendable {
    let store: Store
    let schema: ChatSchema
    let directory: Directory

    /// What the store says of each of `keys`.
    func read(_ keys: [FactKey]) -> Result<[(FactKey, FactValue)], ChatError> {
        var found: [(FactKey, FactValue)] = []
        do throws(StoreError) {
            for key in keys { found.append((key, try read(key))) }
        } catch {
            return .failure(ChatError(error))
        }
        return .success(found)
    }

    /// What can be told without waiting for the disk; `nil` where it takes a read.
    func fromMemory(_ key: FactKey) -> FactValue? {
        switch key {
        case .account(let user):
            return directory.cachedName(of: user) == nil ? nil : .flag(true)
        case .send(let key):
            let row = ChatKeys.send(key.user, key.clientMessageID)
            return store.certainlyLacks(schema.sends, row: row) ? .send(nil) : nil
        default:
            return nil
        }
    }

    func read(_ key: FactKey) throws(StoreError) -> FactValue {
        switch key {
        case .inbox(let user):
            return .seq(try lastSeq(user))
        case .account(let user):
            return .flag(try directory.name(of: user) != nil)
        case .pair(let pair):
            return .pair(try self.pair(pair))
        case .send(let key):
            let row = ChatKeys.send(key.user, key.clientMessageID)
            return .send(try stored(schema.sends, row) { SendValue($0) })
        case .message(let key):
            return .message(try message(key))
        case .hidden(let user, let key):
            let row = ChatKeys.message(user, key.conversation, key.number)
            return .flag(try store.value(schema.hidden, row) != nil)
        case .group(let group):
            return .group(try stored(schema.groups, ChatKeys.group(group)) { GroupValue($0) })
        case .member(let group, let user):
            let row = ChatKeys.member(group, user)
            return .member(try stored(schema.members, row) { MemberValue($0) })
        case .roster(let group):
            return .roster(try roster(group))
        case .listed(let user, let group):
            return .flag(try conversation(user, group) != nil)
        case .relation(let user, let other):
            let row = ChatKeys.relation(user, other)
            return .relation(
                try stored(schema.relations, row) { RelationValue($0) } ?? RelationValue())
        case .settings(let user):
            let row = ChatKeys.user(user)
            return .settings(
                try stored(schema.settings, row) { SettingsValue($0) } ?? SettingsValue())
        case .mute(let user, let conversation):
            let row = ChatKeys.conversation(user, conversation)
            return .mutedUntil(try stored(schema.mutes, row) { MuteValue($0) }?.until ?? 0)
        case .link(let digest):
            return .link(try stored(schema.links, digest) { LinkValue($0) })
        }
    }

    /// The last event in a user's inbox; 0 for none.
    func lastSeq(_ user: UserID) throws(StoreError) -> UInt64 {
        var scan = Scan.prefix(ChatKeys.user(user))
        scan.reversed = true
        scan.limit = 1
        guard let row = try store.scan(schema.inbox, scan).next() else { return 0 }
        return try ChatKeys.number(row.key, at: 10).orDamaged("inbox")
    }

    func message(_ key: MessageKey) throws(StoreError) -> MessageValue? {
        guard let owner = key.owner else {
            let row = ChatKeys.groupMessage(key.conversation, key.number)
            return try stored(schema.groupMessages, row) { MessageValue($0) }
        }
        let row = ChatKeys.message(owner, key.conversation, key.number)
        return try stored(schema.messages, row) { MessageValue($0) }
    }

    /// Who is in a group now, in the order of their ids.
    func roster(_ group: ConversationID) throws(StoreError) -> Roster {
        try Self.roster(store, schema, group)
    }

    static func roster(
        _ store: Store, _ schema: ChatSchema, _ group: ConversationID
    ) throws(StoreError) -> Roster {
        let scanner = try store.scan(schema.members, .prefix(ChatKeys.group(group)))
        var entries: [Roster.Entry] = []
        while let row = try scanner.next() {
            let user = try ChatKeys.number(row.key, at: 10).orDamaged("members")
            let member = try MemberValue(row.value).orDamaged("members")
            if let entry = Roster.Entry(UserID(rawValue: user), member) { entries.append(entry) }
        }
        return Roster(entries)
    }

    private func pair(_ pair: Pair) throws(StoreError) -> PairValue {
        PairValue(
            low: try conversation(pair.low, ConversationID(with: pair.high)),
            high: try conversation(pair.high, ConversationID(with: pair.low)))
    }

    func conversation(
        _ user: UserID, _ conversation: ConversationID
    ) throws(StoreError) -> ConversationValue? {
        let row = ChatKeys.conversation(user, conversation)
        return try stored(schema.conversations, row) { ConversationValue($0) }
    }

    private func stored<Value>(
        _ family: Family, _ row: some Bytes, _ decode: ([UInt8]) -> Value?
    ) throws(StoreError) -> Value? {
        guard let bytes = try store.value(family, row) else { return nil }
        return try decode(bytes).orDamaged(family.table)
    }
}

extension Optional {
    /// The value of a decoded row; an error where it could not be decoded.
    func orDamaged(_ table: String) throws(StoreError) -> Wrapped {
        guard let self else {
            throw StoreError(.corruption, "a row of '\(table)' has a value that cannot be read")
        }
        return self
    }
}
