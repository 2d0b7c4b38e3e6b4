import MartletStore

/// The row keys of the chat's tables, as `docs/formats/chat-rows.md` describes them.
enum ChatKeys {
    /// Logical shards; a constant of the format.
    static let shards: UInt64 = 1_000

    /// The shard of everything that belongs to one user: the high half of a product, so that all
    /// bits of the id count.
    static func shard(_ user: UserID) -> UInt16 {
        var x = user.rawValue
        x = (x ^ (x >> 33)) &* 0xff51_afd7_ed55_8ccd
        x = (x ^ (x >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        x ^= x >> 33
        return UInt16(truncatingIfNeeded: x % shards)
    }

    static func user(_ user: UserID) -> ChatRow {
        var key = ChatRow()
        key.append(shard(user))
        key.append(user.rawValue)
        return key
    }

    static func device(_ user: UserID, _ device: DeviceID) -> ChatRow {
        var key = Self.user(user)
        key.append(device.rawValue)
        return key
    }

    /// The first key behind everything of `user`. User ids have 63 bits.
    static func end(of user: UserID) -> ChatRow {
        var key = ChatRow()
        key.append(shard(user))
        key.append(user.rawValue + 1)
        return key
    }

    static func conversation(_ user: UserID, _ conversation: ConversationID) -> ChatRow {
        var key = Self.user(user)
        key.append(conversation.rawValue)
        return key
    }

    static func message(
        _ user: UserID, _ conversation: ConversationID, _ number: UInt64
    ) -> ChatRow {
        var key = Self.conversation(user, conversation)
        key.append(number)
        return key
    }

    /// A group's rows lie in the shard of its id, not in those of its members.
    static func group(_ group: ConversationID) -> ChatRow {
        user(UserID(rawValue: group.rawValue))
    }

    static func member(_ group: ConversationID, _ user: UserID) -> ChatRow {
        var key = Self.group(group)
        key.append(user.rawValue)
        return key
    }

    static func groupMessage(_ group: ConversationID, _ number: UInt64) -> ChatRow {
        var key = Self.group(group)
        key.append(number)
        return key
    }

    /// What `user` says of `other`.
    static func relation(_ user: UserID, _ other: UserID) -> ChatRow {
        conversation(user, ConversationID(with: other))
    }

    static func inbox(_ user: UserID, _ seq: UInt64) -> ChatRow {
        var key = Self.user(user)
        key.append(seq)
        return key
    }

    static func send(_ user: UserID, _ clientMessageID: String) -> ChatRow {
        var key = Self.user(user)
        key.append(utf8: clientMessageID)
        return key
    }

    /// The big-endian number at `offset` of a row key.
    static func number(_ row: [UInt8], at offset: Int) -> UInt64? {
        guard row.count >= offset + 8 else { return nil }
        return row[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The user a row key begins with; `nil` if it is too short or its shard is not the user's.
    static func owner(_ row: [UInt8]) -> UserID? {
        guard let raw = number(row, at: 2) else { return nil }
        let user = UserID(rawValue: raw)
        return UInt16(row[0]) << 8 | UInt16(row[1]) == shard(user) ? user : nil
    }
}
