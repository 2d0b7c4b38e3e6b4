import MartletStore

/// Turns what a group of procedures decided into rows of one batch.
struct GroupEncoder: Sendable {
    let schema: ChatSchema
    /// Microseconds for which repeats are recognised; `nil` for ever.
    let repeatLifetime: UInt64?

    func encode<Reply: Sendable>(_ group: Ledger<Reply>.Group) throws(StoreError) -> WriteBatch {
        var batch = WriteBatch()
        for key in group.order {
            if let value = group.changes[key] { try encode(key, value, into: &batch) }
        }
        for message in group.messages { try encode(message.key, message.value, into: &batch) }
        // The events of a message to a group are all the same but for their places.
        var last: (value: InboxValue, bytes: [UInt8])?
        for entry in group.entries {
            for event in entry.events {
                let bytes = last?.value == event.value ? last?.bytes : nil
                let encoded = bytes ?? event.value.encoded()
                last = (event.value, encoded)
                try put(
                    schema.inbox, ChatKeys.inbox(event.user, event.seq), encoded, into: &batch)
            }
        }
        return batch
    }

    private func encode(
        _ key: FactKey, _ value: FactValue, into batch: inout WriteBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.inbox, _), (.account, _), (.roster, _):
            // They follow from other rows.
            break
        case (.pair(let pair), .pair(let value)):
            try encode(pair, value, into: &batch)
        case (.send(let key), .send(let value?)):
            try batch.put(
                schema.sends, row: ChatKeys.send(key.user, key.clientMessageID),
                qualifier: ChatSchema.qualifier, value: value.encoded(),
                timeToLive: repeatLifetime)
        case (.message(let key), .message(let value?)):
            try encode(key, value, into: &batch)
        case (.hidden(let user, let key), .flag(true)):
            try put(
                schema.hidden, ChatKeys.message(user, key.conversation, key.number), [1],
                into: &batch)
        case (.listed(let user, let group), .flag(true)):
            try put(
                schema.conversations, ChatKeys.conversation(user, group),
                ConversationValue().encoded(), into: &batch)
        case (.link(let digest), .link(let value)):
            if let value {
                try put(schema.links, digest, value.encoded(), into: &batch)
            } else {
                try batch.deleteColumn(
                    schema.links, row: digest, qualifier: ChatSchema.qualifier)
            }
        case (.relation, _), (.settings, _), (.mute, _):
            try encodePeople(key, value, into: &batch)
        default:
            try encodeGroup(key, value, into: &batch)
        }
    }

    private func encodePeople(
        _ key: FactKey, _ value: FactValue, into batch: inout WriteBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.relation(let user, let other), .relation(let value)):
            try put(schema.relations, ChatKeys.relation(user, other), value.encoded(), into: &batch)
        case (.settings(let user), .settings(let value)):
            try put(schema.settings, ChatKeys.user(user), value.encoded(), into: &batch)
        case (.mute(let user, let conversation), .mutedUntil(let until)):
            try put(
                schema.mutes, ChatKeys.conversation(user, conversation),
                MuteValue(until: until).encoded(), into: &batch)
        default:
            throw StoreError(.invalidArgument, "a fact cannot take this value")
        }
    }

    private func encodeGroup(
        _ key: FactKey, _ value: FactValue, into batch: inout WriteBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.group(let group), .group(let value?)):
            try put(schema.groups, ChatKeys.group(group), value.encoded(), into: &batch)
        case (.member(let group, let user), .member(let value?)):
            try put(schema.members, ChatKeys.member(group, user), value.encoded(), into: &batch)
        default:
            throw StoreError(.invalidArgument, "a fact cannot take this value")
        }
    }

    private func encode(
        _ pair: Pair, _ value: PairValue, into batch: inout WriteBatch
    ) throws(StoreError) {
        for (user, peer) in [(pair.low, pair.high), (pair.high, pair.low)] {
            if user == pair.low ? value.isLowGone : value.isHighGone { continue }
            try put(
                schema.conversations, ChatKeys.conversation(user, ConversationID(with: peer)),
                value.row(of: user, in: pair).encoded(), into: &batch)
            if pair.low == pair.high { break }
        }
    }

    private func encode(
        _ key: MessageKey, _ value: MessageValue, into batch: inout WriteBatch
    ) throws(StoreError) {
        if let owner = key.owner {
            try put(
                schema.messages, ChatKeys.message(owner, key.conversation, key.number),
                value.encoded(), into: &batch)
        } else {
            try put(
                schema.groupMessages, ChatKeys.groupMessage(key.conversation, key.number),
                value.encoded(), into: &batch)
        }
    }

    private func put(
        _ family: Family, _ row: some Bytes, _ value: [UInt8], into batch: inout WriteBatch
    ) throws(StoreError) {
        try batch.put(family, row: row, qualifier: ChatSchema.qualifier, value: value)
    }
}
