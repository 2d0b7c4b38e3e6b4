import MartletStore

/// Groups, their members and messages.
extension ChatVerifier {
    mutating func verifyGroups() throws(StoreError) {
        let rows = try scan(schema.groups)
        while let row = try rows.next() {
            report.groups += 1
            guard row.key.count == 10, let raw = ChatKeys.number(row.key, at: 2),
                ChatKeys.owner(row.key) != nil, let value = GroupValue(row.value)
            else {
                find(schema.groups, row.key, "the row cannot be read")
                continue
            }
            let id = ConversationID(rawValue: raw)
            if !id.isGroup { find(schema.groups, row.key, "the id is not a group's") }
            let last = ChatKeys.groupMessage(id, value.last)
            if try store.value(schema.groupMessages, last) == nil {
                find(schema.groups, row.key, "message \(value.last) is missing")
            }
            if let digest = value.link,
                let link = try stored(schema.links, digest, { LinkValue($0) }), link.group != id
            {
                find(schema.groups, row.key, "its invitation leads elsewhere")
            }
            let roster = try FactReader.roster(store, schema, id)
            if UInt64(roster.count) != value.count {
                find(
                    schema.groups, row.key,
                    "\(value.count) members in the row, \(roster.count) in the table")
            }
            if roster.count > 0, !roster.entries.contains(where: { $0.role == .owner }) {
                find(schema.groups, row.key, "nobody owns it")
            }
        }
    }

    mutating func verifyMembers() throws(StoreError) {
        let rows = try scan(schema.members)
        while let row = try rows.next() {
            report.members += 1
            guard row.key.count == 18, let raw = ChatKeys.number(row.key, at: 2),
                let user = ChatKeys.number(row.key, at: 10).map({ UserID(rawValue: $0) }),
                let value = MemberValue(row.value)
            else {
                find(schema.members, row.key, "the row cannot be read")
                continue
            }
            let id = ConversationID(rawValue: raw)
            guard let group = try stored(schema.groups, ChatKeys.group(id), { GroupValue($0) })
            else {
                find(schema.members, row.key, "there is no such group")
                continue
            }
            if let problem = Self.problem(of: value, in: group) {
                find(schema.members, row.key, problem)
            }
            let listed = ChatKeys.conversation(user, id)
            let isListed = try store.value(schema.conversations, listed) != nil
            let mayBeGone = value.role == nil ? try isDeleted(user) : false
            if !isListed, !mayBeGone {
                find(schema.members, row.key, "not among the user's conversations")
            }
        }
    }

    private static func problem(of member: MemberValue, in group: GroupValue) -> String? {
        var previous: UInt64 = 0
        for stay in member.stays {
            if stay.from <= previous || stay.to ?? stay.from < stay.from {
                return "the stays overlap"
            }
            previous = stay.to ?? .max
        }
        if member.stays.isEmpty { return "there is no stay" }
        if (member.role == nil) != (member.stays.last?.to != nil) {
            return "the last stay does not fit the role"
        }
        if member.read > member.delivered || member.delivered > group.last {
            return "read <= delivered <= last does not hold"
        }
        return nil
    }

    mutating func verifyGroupMessages() throws(StoreError) {
        let rows = try scan(schema.groupMessages)
        var group: ConversationID?
        var expected: UInt64 = 1
        while let row = try rows.next() {
            report.groupMessages += 1
            guard row.key.count == 18, let raw = ChatKeys.number(row.key, at: 2),
                let number = ChatKeys.number(row.key, at: 10),
                let value = MessageValue(row.value)
            else {
                find(schema.groupMessages, row.key, "the row cannot be read")
                continue
            }
            if group?.rawValue != raw {
                group = ConversationID(rawValue: raw)
                expected = 1
            }
            if number != expected {
                find(schema.groupMessages, row.key, "number \(number) where \(expected) was due")
            }
            expected = number &+ 1
            guard let group else { continue }
            let found = try stored(schema.groups, ChatKeys.group(group)) { GroupValue($0) }
            if number > found?.last ?? 0 || value.revision > found?.revisions ?? 0 {
                find(schema.groupMessages, row.key, "the group's row does not know of it")
            }
            let sender = try stored(
                schema.members, ChatKeys.member(group, value.sender)
            ) { MemberValue($0) }
            if sender?.stay(for: number) == nil {
                find(schema.groupMessages, row.key, "the sender was not in the group")
            }
        }
    }

    mutating func verifyHidden() throws(StoreError) {
        let rows = try scan(schema.hidden)
        while let row = try rows.next() {
            guard row.key.count == 26, let user = ChatKeys.owner(row.key),
                let raw = ChatKeys.number(row.key, at: 10),
                let number = ChatKeys.number(row.key, at: 18)
            else {
                find(schema.hidden, row.key, "the row cannot be read")
                continue
            }
            let member = try stored(
                schema.members, ChatKeys.member(ConversationID(rawValue: raw), user)
            ) { MemberValue($0) }
            if member?.stay(for: number) == nil {
                find(schema.hidden, row.key, "the user may not read the message")
            }
        }
    }
}
