import MartletStore

/// What a change of a group got.
public struct GroupChange: Hashable, Sendable {
    /// The group.
    public var group: ConversationID
    /// The number of the last notice; `nil` if there was nothing to change.
    public var number: UInt64?
}

extension ChatService {
    /// Makes a group with `user` as its owner, exactly once by (`user`, `clientMessageID`); the
    /// receipt's conversation is its id.
    ///
    /// - Parameters:
    ///   - name: 1 to 100 bytes.
    ///   - members: Up to 100 others.
    ///
    /// Errors: `.badRequest`, `.tooLarge`, `.notFound` (a member), `.tooMany`, `.unavailable`.
    public func createGroup(
        user: UserID, name: String, members: [UserID], clientMessageID: String,
        completion: @escaping Completion<SendReceipt>
    ) {
        createGroup(
            ConversationID(group: environment.random.next()), user: user, name: name,
            members: members, clientMessageID: clientMessageID, lane: nil,
            completion: completion)
    }

    /// As above, with an id and an order of the caller's own.
    package func createGroup(
        _ id: ConversationID, user: UserID, name: String, members: [UserID],
        clientMessageID: String, lane: UInt64?, completion: @escaping Completion<SendReceipt>
    ) {
        if let error = Self.fault(clientMessageID: clientMessageID)
            ?? Self.fault(groupName: name) ?? Self.fault(members: members)
        {
            return completion(.failure(error))
        }
        let create = CreateGroup(
            user: user, id: id, name: name, members: Self.unique(members, without: user),
            clientMessageID: clientMessageID, now: environment.clock.now())
        perform(create, lane: lane, completion) { answer in
            guard case .sent(let receipt) = answer else { return nil }
            return receipt
        }
    }

    /// Gives the group another name. Admins. Errors as for all changes of a group: `.notFound`
    /// (never a member), `.forbidden`, `.badRequest`, `.tooLarge`, `.tooMany`, `.unavailable`.
    public func renameGroup(
        user: UserID, group: ConversationID, name: String,
        completion: @escaping Completion<GroupChange>
    ) {
        if let error = Self.fault(groupName: name) { return completion(.failure(error)) }
        change(
            RenameGroup(user: user, id: group, name: name, now: environment.clock.now()), group,
            completion)
    }

    /// Adds up to 100 users; who is in already is passed over. Admins.
    public func addMembers(
        user: UserID, group: ConversationID, members: [UserID],
        completion: @escaping Completion<GroupChange>
    ) {
        addMembers(
            user: user, group: group, members: members, lane: nil, completion: completion)
    }

    /// As above, in an order of the caller's own.
    package func addMembers(
        user: UserID, group: ConversationID, members: [UserID], lane: UInt64?,
        completion: @escaping Completion<GroupChange>
    ) {
        if let error = Self.fault(members: members) { return completion(.failure(error)) }
        let add = AddMembers(
            user: user, id: group, added: Self.unique(members), membersMax: options.groupMembers,
            now: environment.clock.now())
        change(add, group, lane: lane, completion)
    }

    /// Removes a member, who keeps what was readable so far. Admins remove members, owners also
    /// admins.
    public func removeMember(
        user: UserID, group: ConversationID, member: UserID,
        completion: @escaping Completion<GroupChange>
    ) {
        let remove = RemoveMember(
            user: user, id: group, removed: member, now: environment.clock.now())
        change(remove, group, completion)
    }

    /// Leaves the group; what was readable so far stays so.
    public func leaveGroup(
        user: UserID, group: ConversationID, completion: @escaping Completion<GroupChange>
    ) {
        change(
            LeaveGroup(user: user, id: group, now: environment.clock.now()), group, completion)
    }

    /// Changes a member's role. Owners. `.conflict` for the last owner.
    public func setRole(
        user: UserID, group: ConversationID, member: UserID, role: GroupRole,
        completion: @escaping Completion<GroupChange>
    ) {
        let set = SetRole(
            user: user, id: group, member: member, role: role, now: environment.clock.now())
        change(set, group, completion)
    }

    /// Makes an invitation that ends after `microseconds` (`ChatLimits.linkLifetime`); the one
    /// before it ends at once. Admins.
    public func makeLink(
        user: UserID, group: ConversationID, microseconds: UInt64,
        completion: @escaping Completion<GroupLink>
    ) {
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        guard ChatLimits.linkLifetime.contains(microseconds) else {
            return completion(
                .failure(ChatError(.badRequest, "an invitation lives for 1 minute to 30 days")))
        }
        var secret = [UInt8](repeating: 0, count: 16)
        secret.withUnsafeMutableBytes { environment.random.fill($0) }
        let link = GroupLink(
            text: Token.base64url(secret), expiresAt: environment.clock.now() + microseconds)
        perform(MakeLink(user: user, id: group, link: link), completion) { answer in
            guard case .link(let link) = answer else { return nil }
            return link
        }
    }

    /// Ends the group's invitation. Admins.
    public func revokeLink(
        user: UserID, group: ConversationID, completion: @escaping Completion<Void>
    ) {
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        perform(MakeLink(user: user, id: group, link: nil), completion) { _ in () }
    }

    /// Joins by an invitation. `.notFound` if there is none such, or it has ended; `.forbidden` for
    /// one who was removed.
    public func joinGroup(
        user: UserID, link: String, completion: @escaping Completion<GroupChange>
    ) {
        let join = JoinGroup(
            user: user, digest: Token(link).digest, membersMax: options.groupMembers,
            now: environment.clock.now())
        perform(join, completion) { Self.changed($0) }
    }

    private func change(
        _ procedure: any Procedure, _ group: ConversationID, lane: UInt64? = nil,
        _ completion: @escaping Completion<GroupChange>
    ) {
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        perform(procedure, lane: lane, completion) { Self.changed($0) }
    }

    private static func changed(_ answer: Answer) -> GroupChange? {
        guard case .group(let group, let number) = answer else { return nil }
        return GroupChange(group: group, number: number)
    }

    private static func unique(_ users: [UserID], without user: UserID? = nil) -> [UserID] {
        var seen: Set<UserID> = user.map { [$0] } ?? []
        return users.filter { seen.insert($0).inserted }
    }

    private static func fault(groupName name: String) -> ChatError? {
        (1...ChatLimits.groupNameBytes).contains(name.utf8.count)
            ? nil : ChatError(.badRequest, "a group's name has 1 to 100 bytes")
    }

    private static func fault(members: [UserID]) -> ChatError? {
        members.count <= ChatLimits.membersAtOnce
            ? nil : ChatError(.tooLarge, "100 members at most at once")
    }
}
