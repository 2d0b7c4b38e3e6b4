@testable import MartletChat

/// Groups and their members.
extension ModelChat {
    mutating func performInGroup(_ procedure: any Procedure) throws -> String {
        switch procedure {
        case let create as CreateGroup: try perform(create)
        case let rename as RenameGroup: try perform(rename)
        case let add as AddMembers: try perform(add)
        case let remove as RemoveMember: try perform(remove)
        case let leave as LeaveGroup: try perform(leave)
        case let set as SetRole: try perform(set)
        case let make as MakeLink: try perform(make)
        case let join as JoinGroup: try perform(join)
        default: "unknown to the model"
        }
    }

    private mutating func perform(_ create: CreateGroup) throws -> String {
        let key = SendKey(user: create.user, clientMessageID: create.clientMessageID)
        if let earlier = sends[key] { return earlier }
        if conversations[.group(create.id)] != nil { throw Refusal(.unavailable) }
        for member in create.members {
            try mustExist(member)
            try mayWrite(create.user, to: member)
        }
        change(create.id) { $0.name = create.name }
        enter(create.user, create.id, as: .owner)
        for member in create.members { enter(member, create.id, as: .member) }
        let number = note(
            GroupNotice(.created, name: create.name), by: create.user, create.now, create.id)
        return remember(key, create.id, number)
    }

    private mutating func perform(_ rename: RenameGroup) throws -> String {
        try mustBeIn(rename.user, rename.id, .admin)
        if conversations[.group(rename.id)]?.name == rename.name { return "group -" }
        change(rename.id) { $0.name = rename.name }
        let number = note(
            GroupNotice(.renamed, name: rename.name), by: rename.user, rename.now, rename.id)
        return "group \(number)"
    }

    private mutating func perform(_ add: AddMembers) throws -> String {
        try mustBeIn(add.user, add.id, .admin)
        let roles = conversations[.group(add.id)]?.roles ?? [:]
        for user in add.added {
            try mustExist(user)
            if roles[user] == nil { try mayWrite(add.user, to: user) }
        }
        let new = add.added.filter { roles[$0] == nil }
        if roles.count + new.count > add.membersMax { throw Refusal(.tooLarge) }
        var number = "-"
        for user in new {
            enter(user, add.id, as: .member)
            number = "\(note(GroupNotice(.added, user: user), by: add.user, add.now, add.id))"
        }
        return "group \(number)"
    }

    private mutating func perform(_ remove: RemoveMember) throws -> String {
        try mustBeIn(remove.user, remove.id, .admin)
        let roles = conversations[.group(remove.id)]?.roles ?? [:]
        guard let role = roles[remove.removed] else { return "group -" }
        guard let own = roles[remove.user], remove.removed != remove.user,
            own.rawValue > role.rawValue
        else { throw Refusal(.forbidden) }
        let number = note(
            GroupNotice(.removed, user: remove.removed), by: remove.user, remove.now, remove.id)
        exit(remove.removed, remove.id)
        change(remove.id) { $0.barred.insert(remove.removed) }
        return "group \(number)"
    }

    private mutating func perform(_ leave: LeaveGroup) throws -> String {
        try mustBeIn(leave.user, leave.id)
        if let heir = heir(of: leave.user, leave.id) {
            change(leave.id) { $0.roles[heir] = .owner }
            note(GroupNotice(.role, user: heir, role: .owner), by: leave.user, leave.now, leave.id)
        }
        let number = note(GroupNotice(.left), by: leave.user, leave.now, leave.id)
        exit(leave.user, leave.id)
        return "group \(number)"
    }

    /// Who has been in for longest of the admins, else of all; nobody if an owner stays.
    private func heir(of user: UserID, _ group: ConversationID) -> UserID? {
        guard let conversation = conversations[.group(group)],
            conversation.roles[user] == .owner
        else { return nil }
        let others = conversation.members.filter { $0 != user }
        if others.contains(where: { conversation.roles[$0] == .owner }) { return nil }
        let admins = others.filter { conversation.roles[$0] == .admin }
        return (admins.isEmpty ? others : admins).min {
            conversation.stays[$0]?.last?.from ?? 0 < conversation.stays[$1]?.last?.from ?? 0
        }
    }

    private mutating func perform(_ set: SetRole) throws -> String {
        try mustBeIn(set.user, set.id, .owner)
        let roles = conversations[.group(set.id)]?.roles ?? [:]
        guard let role = roles[set.member] else { throw Refusal(.notFound) }
        if role == set.role { return "group -" }
        if role == .owner, roles.values.count(where: { $0 == .owner }) == 1 {
            throw Refusal(.conflict)
        }
        change(set.id) { $0.roles[set.member] = set.role }
        let notice = GroupNotice(.role, user: set.member, role: set.role)
        return "group \(note(notice, by: set.user, set.now, set.id))"
    }

    private mutating func perform(_ make: MakeLink) throws -> String {
        try mustBeIn(make.user, make.id, .admin)
        change(make.id) {
            $0.link = make.link.map { (Token($0.text).digest, $0.expiresAt) }
        }
        return make.link == nil ? "done" : "link"
    }

    private mutating func perform(_ join: JoinGroup) throws -> String {
        for (place, conversation) in conversations {
            guard case .group(let id) = place, let link = conversation.link,
                link.digest == join.digest, link.expiresAt > join.now
            else { continue }
            if conversation.roles[join.user] != nil { return "group -" }
            if conversation.barred.contains(join.user) { throw Refusal(.forbidden) }
            if conversation.roles.count >= join.membersMax { throw Refusal(.tooLarge) }
            enter(join.user, id, as: conversation.roles.isEmpty ? .owner : .member)
            return "group \(note(GroupNotice(.joined), by: join.user, join.now, id))"
        }
        throw Refusal(.notFound)
    }
}
