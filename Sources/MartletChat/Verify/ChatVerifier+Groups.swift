import MartletStore

/// Groups and their messages.
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
                try stored(schema.links, digest, { LinkValue($0) })?.group != id
            {
                find(schema.groups, row.key, "its invitation is missing or leads elsewhere")
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

    mutating func verifyGroupMessages() throws(StoreError) {
        let rows = try scan(schema.groupMessages)
        var group: ConversationID?
        var expected: UInt64 = 1
        while let row = try rows.next() {
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
            if value.notice == nil {
                report.groupMessages += 1
            } else {
                report.notices += 1
            }
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
            if value.replyTo ?? 1 >= number && value.replyTo != nil {
                find(schema.groupMessages, row.key, "answers a message that came later")
            }
            if value.removal == .forMe {
                find(schema.groupMessages, row.key, "the one copy is deleted for one user")
            }
        }
    }

    mutating func verifyLinks() throws(StoreError) {
        let rows = try scan(schema.links)
        while let row = try rows.next() {
            guard row.key.count == 32, let value = LinkValue(row.value) else {
                find(schema.links, row.key, "the row cannot be read")
                continue
            }
            let group = try stored(schema.groups, ChatKeys.group(value.group)) {
                GroupValue($0)
            }
            if group?.link != row.key {
                find(schema.links, row.key, "not the group's invitation")
            }
        }
    }
}
