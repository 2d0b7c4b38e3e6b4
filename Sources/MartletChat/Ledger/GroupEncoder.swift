import MartletStore

/// Turns what a group of procedures decided into rows of one batch.
struct GroupEncoder: Sendable {
    let schema: ChatSchema
    /// Microseconds for which repeats are recognised; `nil` for ever.
    let repeatLifetime: UInt64?

    func encode<Reply: Sendable>(_ group: Ledger<Reply>.Group) throws(StoreError) -> WriteBatch {
        var rows = RowBatch(capacity: 512 + 2 * group.cost)
        try encode(group, into: &rows)
        return rows.batch
    }

    func encode<Reply: Sendable>(
        _ group: Ledger<Reply>.Group, into rows: inout RowBatch
    ) throws(StoreError) {
        for change in group.changes { try encode(change.fact.key, change.value, into: &rows) }
        for message in group.messages { try encode(message.key, message.value, into: &rows) }
        // The events of a message to a group are all the same but for their places.
        var last: InboxValue?
        for entry in group.entries {
            for event in entry.events {
                if last != event.value { rows.fill(event.value) }
                last = event.value
                try rows.put(schema.inbox, ChatKeys.inbox(event.user, event.seq))
            }
            for fanOut in entry.fanOuts {
                rows.fill(fanOut.value)
                last = fanOut.value
                for (member, seq) in zip(fanOut.list.roster.entries, fanOut.seqs) {
                    try rows.put(schema.inbox, ChatKeys.inbox(member.user, seq))
                }
            }
        }
    }

    private func encode(
        _ key: FactKey, _ value: FactValue, into rows: inout RowBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.inbox, _), (.account, _), (.roster, _):
            // They follow from other rows.
            break
        case (.pair(let pair), .pair(let value)):
            try encode(pair, value, into: &rows)
        case (.send(let key), .send(let value?)):
            rows.fill(value)
            try rows.put(
                schema.sends, ChatKeys.send(key.user, key.clientMessageID),
                timeToLive: repeatLifetime)
        case (.message(let key), .message(let value?)):
            try encode(key, value, into: &rows)
        case (.hidden(let user, let key), .flag(true)):
            rows.fill([1])
            try rows.put(schema.hidden, ChatKeys.message(user, key.conversation, key.number))
        case (.listed(let user, let group), .flag(true)):
            rows.fill(ConversationValue())
            try rows.put(schema.conversations, ChatKeys.conversation(user, group))
        case (.link(let digest), .link(let value)):
            if let value {
                rows.fill(value.encoded())
                try rows.put(schema.links, digest)
            } else {
                try rows.delete(schema.links, digest)
            }
        case (.relation, _), (.settings, _), (.mute, _):
            try encodePeople(key, value, into: &rows)
        default:
            try encodeGroup(key, value, into: &rows)
        }
    }

    private func encodePeople(
        _ key: FactKey, _ value: FactValue, into rows: inout RowBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.relation(let user, let other), .relation(let value)):
            rows.fill(value.encoded())
            try rows.put(schema.relations, ChatKeys.relation(user, other))
        case (.settings(let user), .settings(let value)):
            rows.fill(value.encoded())
            try rows.put(schema.settings, ChatKeys.user(user))
        case (.mute(let user, let conversation), .mutedUntil(let until)):
            rows.fill(MuteValue(until: until).encoded())
            try rows.put(schema.mutes, ChatKeys.conversation(user, conversation))
        default:
            throw StoreError(.invalidArgument, "a fact cannot take this value")
        }
    }

    private func encodeGroup(
        _ key: FactKey, _ value: FactValue, into rows: inout RowBatch
    ) throws(StoreError) {
        switch (key, value) {
        case (.group(let group), .group(let value?)):
            rows.fill(value.encoded())
            try rows.put(schema.groups, ChatKeys.group(group))
        case (.member(let group, let user), .member(let value?)):
            rows.fill(value.encoded())
            try rows.put(schema.members, ChatKeys.member(group, user))
        default:
            throw StoreError(.invalidArgument, "a fact cannot take this value")
        }
    }

    private func encode(
        _ pair: Pair, _ value: PairValue, into rows: inout RowBatch
    ) throws(StoreError) {
        if !value.isLowGone {
            try encode(pair, value, of: pair.low, with: pair.high, into: &rows)
        }
        if pair.low == pair.high || value.isHighGone { return }
        try encode(pair, value, of: pair.high, with: pair.low, into: &rows)
    }

    private func encode(
        _ pair: Pair, _ value: PairValue, of user: UserID, with peer: UserID,
        into rows: inout RowBatch
    ) throws(StoreError) {
        rows.fill(value.row(of: user, in: pair))
        try rows.put(
            schema.conversations, ChatKeys.conversation(user, ConversationID(with: peer)))
    }

    private func encode(
        _ key: MessageKey, _ value: MessageValue, into rows: inout RowBatch
    ) throws(StoreError) {
        rows.fill(value)
        if let owner = key.owner {
            try rows.put(
                schema.messages, ChatKeys.message(owner, key.conversation, key.number))
        } else {
            try rows.put(
                schema.groupMessages, ChatKeys.groupMessage(key.conversation, key.number))
        }
    }
}
