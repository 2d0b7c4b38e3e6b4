/// An invitation to a group.
public struct GroupLink: Hashable, Sendable {
    /// The secret that lets its holder in: 128 random bits in base64url.
    public var text: String
    /// Microseconds since 1970.
    public var expiresAt: UInt64
}

/// Makes the one invitation of a group; an older one ends with it.
struct MakeLink: Procedure {
    var user: UserID
    var id: ConversationID
    /// `nil` only ends the old one.
    var link: GroupLink?

    var keys: [FactKey] { GroupDraft.keys(id, user) }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        let entry = try GroupDraft(id, by: user, atLeast: .admin, &draft)
        var group = entry.group
        if let old = group.link { draft.set(.link(old), .link(nil)) }
        group.link = link.map { Token($0.text).digest }
        if let link, let digest = group.link {
            draft.set(.link(digest), .link(LinkValue(group: id, expiresAt: link.expiresAt)))
        }
        if group != entry.group { draft.set(.group(id), .group(group)) }
        return link.map { .link($0) } ?? .done
    }
}

/// Comes in by an invitation.
struct JoinGroup: Procedure {
    var user: UserID
    var digest: [UInt8]
    var membersMax: Int
    var now: UInt64

    var keys: [FactKey] { [.link(digest), .inbox(user)] }

    func run(_ draft: inout Draft) throws(Halt) -> Answer {
        guard case .link(let link?) = try draft.value(.link(digest)), link.expiresAt > now else {
            throw .refused(Self.noSuchLink)
        }
        let id = link.group
        try draft.need(GroupDraft.keys(id, user))
        guard let value = try draft.group(id), value.link == digest else {
            throw .refused(Self.noSuchLink)
        }
        let member = try draft.member(id, user)
        if member?.role != nil { return .group(id, number: nil) }
        if member?.isBarred == true { throw .refused(GroupDraft.notMember) }
        let roster = try draft.roster(id)
        guard roster.count < membersMax else {
            throw .refused(ChatError(.tooLarge, "a group has \(membersMax) members at most"))
        }
        var group = GroupDraft(new: id, by: user, name: value.name, now: now)
        group.group = value
        group.roster = roster
        try group.admit(user, as: roster.count == 0 ? .owner : .member, &draft)
        let number = try group.post(GroupNotice(.joined), at: now, &draft)
        return .group(id, number: number)
    }

    private static let noSuchLink = ChatError(
        .notFound, "no such invitation, or it has expired")
}
