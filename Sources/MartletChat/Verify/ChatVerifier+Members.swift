import MartletStore

/// Who may read what of a group.
extension ChatVerifier {
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
            for stay in value.stays {
                if let problem = try problem(of: stay, of: user, in: id) {
                    find(schema.members, row.key, problem)
                }
            }
            if try store.value(schema.users, ChatKeys.user(user)) == nil {
                find(schema.members, row.key, "user \(user) does not exist")
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
        var revisions: UInt64 = 0
        for stay in member.stays {
            if stay.from <= previous || stay.to ?? stay.from < stay.from {
                return "the stays overlap"
            }
            previous = stay.to ?? .max
            let end = stay.to == nil ? group.revisions : stay.revisions
            if stay.revisionsBefore < revisions || end < stay.revisionsBefore {
                return "the revisions of the stays are not in order"
            }
            revisions = end
        }
        if revisions > group.revisions { return "a stay knows later revisions than the group" }
        if member.stays.isEmpty { return "there is no stay" }
        if (member.role == nil) != (member.stays.last?.to != nil)
            || (member.role == nil) != (member.parting != nil)
        {
            return "the last stay does not fit the role"
        }
        if member.read > member.delivered || member.delivered > group.last {
            return "read <= delivered <= last does not hold"
        }
        if member.shownRead > min(member.read, member.shownDelivered)
            || member.shownDelivered > member.delivered
        {
            return "others are told of more than there is"
        }
        return nil
    }

    /// A stay begins with the notice that let the user in, and ends with the one that says so.
    private func problem(
        of stay: MemberValue.Stay, of user: UserID, in group: ConversationID
    ) throws(StoreError) -> String? {
        let first = try stored(
            schema.groupMessages, ChatKeys.groupMessage(group, stay.from)
        ) { MessageValue($0) }
        let letsIn =
            switch first?.notice?.kind {
            case .created: true
            case .added: first?.notice?.user == user
            case .joined: first?.sender == user
            default: false
            }
        if !letsIn { return "nothing let the user in at message \(stay.from)" }
        guard let to = stay.to else { return nil }
        let last = try stored(
            schema.groupMessages, ChatKeys.groupMessage(group, to)
        ) { MessageValue($0) }
        let showsOut =
            switch last?.notice?.kind {
            case .removed: last?.notice?.user == user
            case .left: last?.sender == user
            default: false
            }
        return showsOut ? nil : "the user has not gone with message \(to)"
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
            let message = ChatKeys.groupMessage(ConversationID(rawValue: raw), number)
            let isThere = try store.value(schema.groupMessages, message) != nil
            if !isThere || member?.stay(for: number) == nil {
                find(schema.hidden, row.key, "there is no such message that the user may read")
            }
        }
    }
}
