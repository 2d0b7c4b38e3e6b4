import MartletStore

extension ChatService {
    /// Where `user` stands in a group. `.notFound` if the user never was in it.
    public func groupSummary(
        user: UserID, group: ConversationID,
        completion: @escaping Completion<ConversationSummary>
    ) {
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        read(completion) { [history] () throws(StoreError) in
            let view = history.view
            guard let row = try view.conversation(user, group),
                let found = try history.summary(view, user, group, row)
            else { return .failure(GroupDraft.noSuchGroup) }
            return .success(found)
        }
    }

    /// The members of a group in the order of their ids; at most `limit` (1 to 1,000), after
    /// `after`. `.notFound` for one who never was a member, `.forbidden` for one who is none now.
    public func members(
        user: UserID, group: ConversationID, limit: Int = 50, after: UserID? = nil,
        completion: @escaping Completion<MemberPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        read(completion) { [history, directory, schema] () throws(StoreError) in
            let view = history.view
            guard let own = try view.member(group, user) else {
                return .failure(GroupDraft.noSuchGroup)
            }
            guard own.role != nil else { return .failure(GroupDraft.notMember) }
            var scan = Scan.prefix(ChatKeys.group(group))
            if let after {
                scan.start = ChatKeys.member(group, after).bytes
                scan.startInclusive = false
            }
            let scanner = try view.scan(schema.members, scan)
            var page = MemberPage(members: [], hasMore: false)
            while let row = try scanner.next() {
                let raw = try ChatKeys.number(row.key, at: 10).orDamaged("members")
                let value = try MemberValue(row.value).orDamaged("members")
                guard let role = value.role else { continue }
                if page.members.count == limit {
                    page.hasMore = true
                    break
                }
                let other = UserID(rawValue: raw)
                // To whom the member blocks it looks as if nothing were read since the joining.
                let blocks = other == user ? false : try view.relation(other, user).blocked
                let joined = value.stays.last?.from ?? 0
                page.members.append(
                    GroupMember(
                        user: other, name: try directory.name(of: other) ?? "", role: role,
                        delivered: blocks ? joined : value.shownDelivered,
                        read: blocks ? joined : value.shownRead))
            }
            return .success(page)
        }
    }

    /// The names of those of `users` (at most 100) who were in the group at a time when `user` was,
    /// in their order: also of those who have left. Nothing is said of others, of deleted accounts,
    /// nor of ids that nobody has. `.notFound` for one who never was a member.
    public func memberNames(
        user: UserID, group: ConversationID, users: [UserID],
        completion: @escaping Completion<[FoundUser]>
    ) {
        guard group.isGroup else { return completion(.failure(GroupDraft.noSuchGroup)) }
        guard users.count <= ChatLimits.membersAtOnce else {
            return completion(.failure(ChatError(.tooLarge, "100 names at most at once")))
        }
        read(completion) { [history, directory] () throws(StoreError) in
            let view = history.view
            guard let own = try view.member(group, user) else {
                return .failure(GroupDraft.noSuchGroup)
            }
            var found: [FoundUser] = []
            for other in users {
                guard let member = try view.member(group, other), own.met(member),
                    let name = try directory.name(of: other)
                else { continue }
                found.append(FoundUser(user: other, name: name))
            }
            return .success(found)
        }
    }
}
