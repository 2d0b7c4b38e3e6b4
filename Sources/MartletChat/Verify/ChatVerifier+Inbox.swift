import MartletStore

/// Inboxes, and what repeated sends are told.
extension ChatVerifier {
    mutating func verifyInboxes() throws(StoreError) {
        let rows = try scan(schema.inbox)
        var owner: UserID?
        var expected: UInt64 = 1
        while let row = try rows.next() {
            report.inboxEvents += 1
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let seq = ChatKeys.number(row.key, at: 10), let value = InboxValue(row.value)
            else {
                find(schema.inbox, row.key, "the row cannot be read")
                continue
            }
            if user != owner {
                owner = user
                expected = 1
            }
            if seq != expected {
                find(schema.inbox, row.key, "seq \(seq) where \(expected) was due")
            }
            expected = seq &+ 1
            if try !exists(value, for: user) {
                find(schema.inbox, row.key, "what it points at (\(value.number)) is missing")
            }
        }
    }

    /// Whether what an event of `user` points at is there, and the user may read it.
    private func exists(_ value: InboxValue, for user: UserID) throws(StoreError) -> Bool {
        switch value.kind {
        case .settings:
            return try store.value(schema.settings, ChatKeys.user(user)) != nil
        case .contact:
            let row = ChatKeys.relation(user, value.conversation.peer)
            return try store.value(schema.relations, row) != nil
        case .muted:
            let row = ChatKeys.conversation(user, value.conversation)
            return try store.value(schema.mutes, row) != nil
        case .message, .changed, .delivered, .readByPeer, .readByOwn:
            return try messageExists(value, for: user)
        }
    }

    private func messageExists(
        _ value: InboxValue, for user: UserID
    ) throws(StoreError) -> Bool {
        guard value.conversation.isGroup else {
            let row = ChatKeys.message(user, value.conversation, value.number)
            return try store.value(schema.messages, row) != nil
        }
        let member = try stored(
            schema.members, ChatKeys.member(value.conversation, user)
        ) { MemberValue($0) }
        let row = ChatKeys.groupMessage(value.conversation, value.number)
        guard member?.stay(for: value.number) != nil else { return false }
        return try store.value(schema.groupMessages, row) != nil
    }

    mutating func verifySends() throws(StoreError) {
        let rows = try scan(schema.sends)
        while let row = try rows.next() {
            report.sends += 1
            guard row.key.count > 10, let user = ChatKeys.owner(row.key),
                let value = SendValue(row.value)
            else {
                find(schema.sends, row.key, "the row cannot be read")
                continue
            }
            let facts = MessageKey(user, value.conversation, value.number)
            let message = try stored(facts)
            if message?.sender != user
                || message?.clientMessageID.map({ Array($0.utf8) }) != Array(row.key[10...])
            {
                find(schema.sends, row.key, "the message it got is missing or another one")
            }
            // What was imported into a group has made no event.
            if value.seq == 0, value.conversation.isGroup { continue }
            let event = try store.value(schema.inbox, ChatKeys.inbox(user, value.seq))
                .flatMap { InboxValue($0) }
            if event
                != InboxValue(
                    kind: .message, conversation: value.conversation, number: value.number)
            {
                find(schema.sends, row.key, "the inbox event it got is missing or another one")
            }
        }
    }

    private func stored(_ key: MessageKey) throws(StoreError) -> MessageValue? {
        guard let owner = key.owner else {
            return try stored(
                schema.groupMessages, ChatKeys.groupMessage(key.conversation, key.number)
            ) { MessageValue($0) }
        }
        return try stored(
            schema.messages, ChatKeys.message(owner, key.conversation, key.number)
        ) { MessageValue($0) }
    }
}
