/// Makes a group, once by (user, client message id).
struct CreateGroup: Procedure {
    var user: UserID
    /// The id if the group is made by this call.
    var id: ConversationID
    var name: String
    /// Others than `user`, each once.
    var members: [UserID]
    var clientMessageID: String
    var now: UInt64

    private var sendKey: SendKey { SendKey(user: user, clientMessageID: clientMessageID) }

    var keys: [FactKey] {
        [.send(sendKey), .group(id), .inbox(user)] + members.map { .account($0) }
            + members.flatMap { Draft.writingKeys(user, to: $0) }
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        if let earlier = try draft.earlier(sendKey) { return .sent(earlier.repeated) }
        guard try draft.group(id) == nil else {
            throw .refused(ChatError(.unavailable, "the id is taken", retryAfterMilliseconds: 0))
        }
        try draft.need(members.map { .account($0) })
        for member in members {
            try draft.mustExist(member)
            try draft.mayWrite(user, to: member)
        }
        try draft.need(([user] + members).map { .member(id, $0) })
        var group = GroupDraft(new: id, by: user, name: name, now: now)
        try group.admit(user, as: .owner, &draft)
        for member in members { try group.admit(member, as: .member, &draft) }
        var message = MessageValue(
            sender: user, sentAt: now, clientMessageID: clientMessageID, text: "")
        message.notice = GroupNotice(.created, name: name)
        let (number, seq) = try group.post(message, &draft)
        let receipt = SendReceipt(
            conversation: id, number: number, seq: seq, sentAt: now, isDuplicate: false)
        draft.set(.send(sendKey), .send(SendValue(receipt)))
        return .sent(receipt)
    }
}

/// Gives a group another name.
struct RenameGroup: Procedure {
    var user: UserID
    var id: ConversationID
    var name: String
    var now: UInt64

    var keys: [FactKey] { GroupDraft.keys(id, user) }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, atLeast: .admin, &draft)
        guard group.group.name != name else { return .group(id, number: nil) }
        group.group.name = name
        let number = try group.post(GroupNotice(.renamed, name: name), at: now, &draft)
        return .group(id, number: number)
    }
}

/// Lets users in; those who are in already are passed over.
struct AddMembers: Procedure {
    var user: UserID
    var id: ConversationID
    var added: [UserID]
    var membersMax: Int
    var now: UInt64

    /// Events that one call may make: each of the added is told to each member.
    static let eventsMax = 100_000

    var keys: [FactKey] {
        GroupDraft.keys(id, user) + added.map { .account($0) } + added.map { .member(id, $0) }
            + added.map { .inbox($0) } + added.flatMap { Draft.writingKeys(user, to: $0) }
    }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, atLeast: .admin, &draft)
        try draft.need(added.map { .account($0) } + added.map { .member(id, $0) })
        var new: [UserID] = []
        for other in added {
            try draft.mustExist(other)
            guard try draft.member(id, other)?.role == nil else { continue }
            try draft.mayWrite(user, to: other)
            new.append(other)
        }
        guard group.roster.count + new.count <= membersMax else {
            throw .refused(ChatError(.tooLarge, "a group has \(membersMax) members at most"))
        }
        guard new.count <= 1 || new.count * (group.roster.count + new.count) <= Self.eventsMax
        else { throw .refused(ChatError(.tooLarge, "add fewer members to this group at once")) }
        var number: UInt64?
        for other in new {
            try group.admit(other, as: .member, &draft)
            number = try group.post(GroupNotice(.added, user: other), at: now, &draft)
        }
        return .group(id, number: number)
    }
}

/// Shows a member out. Admins remove members, owners also admins; nobody removes an owner.
struct RemoveMember: Procedure {
    var user: UserID
    var id: ConversationID
    var removed: UserID
    var now: UInt64

    var keys: [FactKey] { GroupDraft.keys(id, user) + [.member(id, removed)] }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, atLeast: .admin, &draft)
        guard let role = try draft.member(id, removed)?.role else {
            return .group(id, number: nil)
        }
        guard removed != user, let own = group.member.role, own.rawValue > role.rawValue else {
            throw .refused(GroupDraft.notAllowed)
        }
        let number = try group.post(GroupNotice(.removed, user: removed), at: now, &draft)
        try group.dismiss(removed, isBarred: true, &draft)
        return .group(id, number: number)
    }
}

/// Leaves. The last owner's place goes to the admin, else the member, who has been in for longest.
struct LeaveGroup: Procedure {
    var user: UserID
    var id: ConversationID
    var now: UInt64

    var keys: [FactKey] { GroupDraft.keys(id, user) }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, &draft)
        if group.member.role == .owner, let heir = group.roster.heir(of: user),
            var value = try draft.member(id, heir)
        {
            value.role = .owner
            group.set(heir, value, &draft)
            _ = try group.post(
                GroupNotice(.role, user: heir, role: .owner), at: now, &draft)
        }
        let number = try group.post(GroupNotice(.left), at: now, &draft)
        try group.dismiss(user, isBarred: false, &draft)
        return .group(id, number: number)
    }
}

/// Changes a member's role; owners only. There is always an owner: the last one cannot step down.
struct SetRole: Procedure {
    var user: UserID
    var id: ConversationID
    var member: UserID
    var role: GroupRole
    var now: UInt64

    var keys: [FactKey] { GroupDraft.keys(id, user) + [.member(id, member)] }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        var group = try GroupDraft(id, by: user, atLeast: .owner, &draft)
        guard var value = try draft.member(id, member), value.role != nil else {
            throw .refused(ChatError(.notFound, "not a member of the group"))
        }
        guard value.role != role else { return .group(id, number: nil) }
        let owners = group.roster.entries.filter { $0.role == .owner }
        guard value.role != .owner || owners.count > 1 else {
            throw .refused(ChatError(.conflict, "a group needs an owner"))
        }
        value.role = role
        group.set(member, value, &draft)
        let number = try group.post(
            GroupNotice(.role, user: member, role: role), at: now, &draft)
        return .group(id, number: number)
    }
}
