@testable import MartletChat

/// What seven people and a few groups may come to, and what they may not.
extension SplitMix {
    static let groups = (1...3).map { ConversationID(group: $0) }

    private mutating func chance(_ one: UInt64, in many: UInt64) -> Bool { next() % many < one }
    /// Seldom somebody who does not exist.
    private mutating func user() -> UserID {
        UserID(rawValue: chance(1, in: 40) ? 99 : next() % 7 + 1)
    }
    private mutating func somebody() -> UserID { UserID(rawValue: next() % 7 + 1) }
    private mutating func group() -> ConversationID { Self.groups[Int(next() % 3)] }
    private mutating func number() -> UInt64 { next() % (chance(1, in: 3) ? 60 : 10) }
    private mutating func conversation() -> ConversationID {
        chance(3, in: 5) ? group() : ConversationID(with: user())
    }

    mutating func procedure(at now: UInt64) -> any Procedure {
        switch next() % 22 {
        case 0...5: send(now)
        case 6, 7:
            MoveCursor(
                user: somebody(), conversation: conversation(),
                cursor: chance(1, in: 2) ? .read : .delivered,
                upTo: chance(1, in: 20) ? .max : number())
        case 8...11: revision(now)
        case 12:
            HideMessage(user: somebody(), conversation: conversation(), number: number())
        case 13...19: membership(now)
        default: people()
        }
    }

    private mutating func people() -> any Procedure {
        let (user, other) = (somebody(), self.user())
        switch next() % 6 {
        case 0, 1, 2:
            let actions: [RelationAction] =
                RelationAction.allCases + [.unblock, .unblock, .request, .accept]
            return ChangeRelation(
                user: user, userName: "u\(user.rawValue)", other: other,
                otherName: "u\(other.rawValue)", action: actions[Int(next() % 10)])
        case 3, 4:
            var change = SettingsChange()
            if chance(1, in: 2) { change.receipts = chance(2, in: 3) }
            if chance(1, in: 3) { change.messagesFrom = chance(1, in: 4) ? .contacts : .everyone }
            return ChangeSettings(user: user, change: change)
        default:
            return MuteConversation(
                user: user, conversation: conversation(), until: next() % 3)
        }
    }

    private mutating func send(_ now: UInt64) -> SendMessage {
        var message = SendMessage(
            user: somebody(), conversation: conversation(), text: "\(next() % 90)",
            clientMessageID: "\(next() % 300)", sentAt: now)
        if chance(1, in: 6) { message.replyTo = number() }
        return message
    }

    private mutating func revision(_ now: UInt64) -> ReviseMessage {
        var revise = ReviseMessage(
            user: somebody(), conversation: conversation(), number: number(),
            change: chance(1, in: 4) ? .delete : .edit("e\(next() % 9)"), now: now)
        if chance(1, in: 3) { revise.window = next() % 20 }
        return revise
    }

    private mutating func membership(_ now: UInt64) -> any Procedure {
        let (user, id) = (somebody(), group())
        switch next() % 14 {
        case 0, 1:
            let others = Set([self.user(), self.user(), self.user()]).subtracting([user])
            return CreateGroup(
                user: user, id: id, name: "g", members: others.sorted { $0.rawValue < $1.rawValue },
                clientMessageID: "g\(next() % 40)", now: now)
        case 2: return RenameGroup(user: user, id: id, name: "g\(next() % 4)", now: now)
        case 3...6:
            let added = Set([self.user(), self.user()]).sorted { $0.rawValue < $1.rawValue }
            return AddMembers(user: user, id: id, added: added, membersMax: 6, now: now)
        case 7, 8: return RemoveMember(user: user, id: id, removed: self.user(), now: now)
        case 9: return LeaveGroup(user: user, id: id, now: now)
        case 10:
            let role: [GroupRole] = [.member, .admin, .owner]
            return SetRole(
                user: user, id: id, member: self.user(), role: role[Int(next() % 3)], now: now)
        case 11:
            // Real ones are random: no two groups ever have the same.
            let link = GroupLink(
                text: "link\(id) \(next() % 2)", expiresAt: now + next() % 200)
            return MakeLink(user: user, id: id, link: chance(1, in: 5) ? nil : link)
        default:
            return JoinGroup(
                user: user, digest: Token("link\(id) \(next() % 2)").digest, membersMax: 6,
                now: now)
        }
    }
}
