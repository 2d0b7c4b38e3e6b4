import MartletStore
import Testing

@testable import MartletChat

/// Who somebody is to a group.
enum GroupColumn: String, CaseIterable {
    case owner, admin, member, out, left, back, never, blocked, blocks, nowhere
}

/// Everything that names a group or something in it.
enum GroupVerb: String, CaseIterable {
    case send = "send"
    case reply = "send as a reply"
    case replyHidden = "send as a reply to an old one"
    case repeated = "send once more"
    case history = "history"
    case summary = "groupSummary"
    case members = "members"
    case names = "memberNames"
    case delivered = "markDelivered"
    case read = "markRead"
    case editOwn = "edit one's own"
    case editOther = "edit another's"
    case editNotice = "edit a notice"
    case deleteOwn = "deleteForAll one's own"
    case deleteOther = "deleteForAll another's"
    case deleteBefore = "deleteForAll an old one"
    case deleteForMe = "deleteForMe"
    case deleteForMeBefore = "deleteForMe an old one"
    case rename = "renameGroup"
    case addStranger = "addMembers a stranger"
    case addMember = "addMembers who is in"
    case addNobody = "addMembers nobody"
    case addUnwilling = "addMembers who blocks the actor"
    case removeMember = "removeMember a member"
    case removeAdmin = "removeMember an admin"
    case removeOwner = "removeMember an owner"
    case removeStranger = "removeMember a stranger"
    case removeSelf = "removeMember oneself"
    case leave = "leaveGroup"
    case promote = "setRole of a member"
    case promoteStranger = "setRole of a stranger"
    case makeLink = "makeLink"
    case revokeLink = "revokeLink"
    case join = "joinGroup"
    case joinRevoked = "joinGroup by an ended link"
    case mute = "mute"
}

/// A group with one of each standing, for the actor who has the one that is asked about.
struct GroupScene {
    let fixture: ChatFixture
    let group: ConversationID
    let actor: UserID
    var users: [String: UserID] = [:]
    /// What the actor said while in; a number of somebody else's where the actor said nothing.
    var own: UInt64 = 2
    /// What another member said, in the time of all who ever were in.
    var others: UInt64 = 2
    var link: GroupLink?
    var ended: GroupLink?

    /// Numbers: 1 the making, 2 the owner's, before all others but the admins came; then the rest.
    init(_ fixture: ChatFixture, _ standing: GroupColumn, _ name: String) async throws {
        self.fixture = fixture
        let roles = [
            "owner", "second", "admin", "admin2", "member", "plain", "out", "left", "back",
            "never", "blocked", "blocks", "stranger", "unwilling",
        ]
        let found = try fixture.chat.accounts.importUsers(roles.map { "\(name).\($0)" }).users
        let all = Dictionary(uniqueKeysWithValues: zip(roles, found.map(\.user)))
        users = all
        func user(_ role: String) -> UserID { all[role] ?? .nobody }
        let owner = user("owner")
        actor = standing == .nowhere ? owner : user(standing.rawValue)
        let made = try await fixture.group(owner)
        _ = try await fixture.say(owner, made, "before")
        for role in roles[1...8] { try await fixture.add(owner, made, user(role)) }
        try await fixture.setRole(owner, made, user("admin"), .admin)
        try await fixture.setRole(owner, made, user("admin2"), .admin)
        try await fixture.setRole(owner, made, user("second"), .owner)
        ended = try await fixture.link(owner, made)
        link = try await fixture.link(owner, made)
        for role in ["blocked", "blocks"] {
            if let link { try await fixture.join(user(role), link) }
        }
        others = try await fixture.say(user("plain"), made, "others").number
        let speaks = standing != .never && standing != .nowhere
        own = speaks ? try await fixture.say(actor, made, "own", "\(name) own").number : others
        try await fixture.remove(owner, made, user("out"))
        try await fixture.leave(user("left"), made)
        try await fixture.leave(user("back"), made)
        try await fixture.add(owner, made, user("back"))
        try await fixture.relate(owner, user("blocked"), .block)
        try await fixture.relate(user("blocks"), owner, .block)
        try await fixture.relate(user("unwilling"), actor, .block)
        group = standing == .nowhere ? ConversationID(group: 7) : made
    }

    func perform(_ verb: GroupVerb) async throws {
        switch verb {
        case .send, .reply, .replyHidden, .repeated, .history, .summary, .members, .names,
            .delivered, .read, .mute:
            try await speak(verb)
        case .editOwn, .editOther, .editNotice, .deleteOwn, .deleteOther, .deleteBefore,
            .deleteForMe, .deleteForMeBefore:
            try await revise(verb)
        default:
            try await change(verb)
        }
    }

    private func speak(_ verb: GroupVerb) async throws {
        switch verb {
        case .send: _ = try await fixture.say(actor, group, "x")
        case .reply: _ = try await fixture.say(actor, group, "x", replyTo: own)
        case .replyHidden: _ = try await fixture.say(actor, group, "x", replyTo: 2)
        case .repeated:
            let name = try await fixture.name(actor)
            _ = try await fixture.say(
                actor, group, "x", "\(name.prefix { $0 != "." }) own")
        case .history: _ = try await fixture.history(actor, group)
        case .summary: _ = try await fixture.summary(actor, group)
        case .members: _ = try await fixture.members(actor, group)
        case .names: _ = try await fixture.names(actor, group, [actor])
        case .delivered: try await fixture.deliver(actor, group, upTo: .max)
        case .read: try await fixture.read(actor, group, upTo: .max)
        default: try await fixture.mute(actor, group, until: 9)
        }
    }

    private func revise(_ verb: GroupVerb) async throws {
        switch verb {
        case .editOwn: try await fixture.edit(actor, group, own, "new")
        case .editOther: try await fixture.edit(actor, group, others, "new")
        case .editNotice: try await fixture.edit(actor, group, 3, "new")
        case .deleteOwn: try await fixture.deleteForAll(actor, group, own)
        case .deleteOther: try await fixture.deleteForAll(actor, group, others)
        case .deleteBefore: try await fixture.deleteForAll(actor, group, 2)
        case .deleteForMe: try await fixture.deleteForMe(actor, group, others)
        default: try await fixture.deleteForMe(actor, group, 2)
        }
    }

    private func change(_ verb: GroupVerb) async throws {
        func user(_ role: String) -> UserID { users[role] ?? .nobody }
        switch verb {
        case .rename: try await fixture.rename(actor, group, "roost")
        case .addStranger: try await fixture.add(actor, group, user("stranger"))
        case .addMember: try await fixture.add(actor, group, user("plain"))
        case .addNobody: try await fixture.add(actor, group, UserID(rawValue: 7))
        case .addUnwilling: try await fixture.add(actor, group, user("unwilling"))
        case .removeMember: try await fixture.remove(actor, group, user("plain"))
        case .removeAdmin: try await fixture.remove(actor, group, user("admin2"))
        case .removeOwner: try await fixture.remove(actor, group, user("second"))
        case .removeStranger: try await fixture.remove(actor, group, user("stranger"))
        case .removeSelf: try await fixture.remove(actor, group, actor)
        case .leave: try await fixture.leave(actor, group)
        case .promote: try await fixture.setRole(actor, group, user("plain"), .admin)
        case .promoteStranger: try await fixture.setRole(actor, group, user("stranger"), .admin)
        case .makeLink: _ = try await fixture.link(actor, group)
        case .revokeLink:
            let _: Void = try await value { [fixture, actor, group] in
                fixture.chat.revokeLink(user: actor, group: group, completion: $0)
            }
        case .join: try await fixture.join(actor, try #require(link))
        default: try await fixture.join(actor, try #require(ended))
        }
    }

    /// All that a verb could change.
    func fingerprint() throws -> [[UInt8]] {
        let chat = fixture.chat
        var rows: [[UInt8]] = []
        for family in [chat.schema.groups, chat.schema.members, chat.schema.groupMessages] {
            let scanner = try fixture.store.scan(family, .prefix(ChatKeys.group(group)))
            while let row = try scanner.next() { rows.append(row.value) }
        }
        for user in users.values.sorted(by: { $0.rawValue < $1.rawValue }) {
            for family in [
                chat.schema.inbox, chat.schema.hidden, chat.schema.mutes, chat.schema.sends,
            ] {
                let scanner = try fixture.store.scan(family, .prefix(ChatKeys.user(user)))
                while let row = try scanner.next() { rows.append(row.key + row.value) }
            }
        }
        return rows
    }
}

extension ChatFixture {
    func relate(_ user: UserID, _ other: UserID, _ action: RelationAction) async throws {
        let _: Contact = try await value { [chat] in
            chat.changeRelation(user: user, other: other, action: action, completion: $0)
        }
    }

    func name(_ user: UserID) async throws -> String {
        try await value { [chat] in chat.userName(user, completion: $0) }
    }

    func mute(_ user: UserID, _ id: ConversationID, until: UInt64) async throws {
        let _: UInt64 = try await value { [chat] in
            chat.mute(user: user, conversation: id, until: until, completion: $0)
        }
    }
}
