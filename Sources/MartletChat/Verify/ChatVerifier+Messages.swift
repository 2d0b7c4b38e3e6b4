import MartletStore

/// One-to-one conversations and their messages.
extension ChatVerifier {
    mutating func verifyMessages() throws(StoreError) {
        let rows = try scan(schema.messages)
        var previous: ArraySlice<UInt8> = []
        var expected: UInt64 = 1
        while let row = try rows.next() {
            report.messageCopies += 1
            guard row.key.count == 26, let user = ChatKeys.owner(row.key),
                let conversation = ChatKeys.number(row.key, at: 10),
                let number = ChatKeys.number(row.key, at: 18),
                let value = MessageValue(row.value)
            else {
                find(schema.messages, row.key, "the row cannot be read")
                continue
            }
            if row.key[..<18] != previous {
                try verifyLast(previous, expected &- 1)
                previous = row.key[..<18]
                expected = 1
            }
            if number != expected {
                find(schema.messages, row.key, "number \(number) where \(expected) was due")
            }
            expected = number &+ 1
            let peer = UserID(rawValue: conversation)
            if user.rawValue <= peer.rawValue { report.messages += 1 }
            try verifyCopy(row.key, user, peer, number, value)
        }
        try verifyLast(previous, expected &- 1)
    }

    mutating func verifyCopy(
        _ row: [UInt8], _ user: UserID, _ peer: UserID, _ number: UInt64, _ value: MessageValue
    ) throws(StoreError) {
        guard value.sender == user || value.sender == peer else {
            return find(schema.messages, row, "the sender is not of the conversation")
        }
        if (value.clientMessageID != nil) != (value.sender == user) {
            find(schema.messages, row, "the client message id is not in the author's copy alone")
        }
        guard user != peer else { return }
        let other = ChatKeys.message(peer, ConversationID(with: user), number)
        guard var copy = try store.value(schema.messages, other).flatMap({ MessageValue($0) })
        else {
            // A deleted user's copies are gone.
            if try isDeleted(peer) { return }
            return find(schema.messages, row, "the other side's copy is missing")
        }
        copy.clientMessageID = value.clientMessageID
        // Who deletes a message for the own devices leaves the other's copy as it is.
        let isOneSided = copy.removal == .forMe || value.removal == .forMe
        let isSame =
            copy.sender == value.sender && copy.sentAt == value.sentAt && copy.notice == nil
        if !isSame || !isOneSided && copy != value {
            find(schema.messages, row, "the other side's copy differs")
        }
    }

    /// That the conversation row of a run of messages has the last one's number.
    mutating func verifyLast(
        _ row: ArraySlice<UInt8>, _ last: UInt64
    ) throws(StoreError) {
        guard !row.isEmpty else { return }
        let value = try store.value(schema.conversations, row).flatMap { ConversationValue($0) }
        if value?.last != last {
            find(
                schema.conversations, Array(row),
                "last is \(value?.last ?? 0), but the last message is \(last)")
        }
    }

    mutating func verifyConversations() throws(StoreError) {
        let rows = try scan(schema.conversations)
        while let row = try rows.next() {
            report.conversationSides += 1
            guard row.key.count == 18, let user = ChatKeys.owner(row.key),
                let raw = ChatKeys.number(row.key, at: 10),
                let value = ConversationValue(row.value)
            else {
                find(schema.conversations, row.key, "the row cannot be read")
                continue
            }
            if ConversationID(rawValue: raw).isGroup {
                if try store.value(
                    schema.members, ChatKeys.member(ConversationID(rawValue: raw), user)) == nil
                {
                    find(schema.conversations, row.key, "the user never was in this group")
                }
                continue
            }
            let peer = UserID(rawValue: raw)
            if user.rawValue <= raw { report.conversations += 1 }
            if value.read > value.delivered || value.delivered > value.last {
                find(schema.conversations, row.key, "read <= delivered <= last does not hold")
            }
            let other = ChatKeys.conversation(peer, ConversationID(with: user))
            let mirror = try store.value(schema.conversations, other)
                .flatMap { ConversationValue($0) }
            var isGone = false
            if mirror == nil { isGone = try isDeleted(peer) }
            if user != peer, !isGone, !(mirror.map { Self.agree(value, $0) } ?? false) {
                find(schema.conversations, row.key, "the other side's row does not agree")
            }
            for id in [user, peer]
            where try store.value(schema.users, ChatKeys.user(id)) == nil {
                find(schema.conversations, row.key, "user \(id) does not exist")
            }
            let last = ChatKeys.message(user, ConversationID(with: peer), value.last)
            if try store.value(schema.messages, last) == nil {
                find(schema.conversations, row.key, "message \(value.last) is missing")
            }
        }
    }

    /// What a side is told of the other one never goes beyond where that one stands.
    private static func agree(_ one: ConversationValue, _ other: ConversationValue) -> Bool {
        one.last == other.last && one.peerDelivered <= other.delivered
            && one.peerRead <= other.read && other.peerDelivered <= one.delivered
            && other.peerRead <= one.read
    }
}
