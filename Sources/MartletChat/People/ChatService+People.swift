import MartletStore

extension ChatService {
    /// Asks, agrees, declines, ends, blocks: gives how `user` stands to `other` afterwards. Both
    /// get an inbox event where their own side changes; nobody is told of a block.
    ///
    /// Errors: `.notFound`, `.forbidden` (the other does not take it, for whatever reason),
    /// `.conflict` (it does not fit how the two stand), `.badRequest` (oneself), `.tooMany`,
    /// `.unavailable`.
    public func changeRelation(
        user: UserID, other: UserID, action: RelationAction,
        completion: @escaping Completion<Contact>
    ) {
        names(of: user, other) { [self] result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let (name, otherName)):
                let change = ChangeRelation(
                    user: user, userName: name, other: other, otherName: otherName,
                    action: action)
                perform(change, completion) { answer in
                    guard case .contact(let row) = answer else { return nil }
                    return Contact(user: other, name: otherName, row)
                }
            }
        }
    }

    private func names(
        of user: UserID, _ other: UserID, _ completion: @escaping Completion<(String, String)>
    ) {
        if let name = directory.cachedName(of: user),
            let otherName = directory.cachedName(of: other)
        {
            return completion(.success((name, otherName)))
        }
        read(completion) { [directory] () throws(StoreError) in
            guard let name = try directory.name(of: user),
                let otherName = try directory.name(of: other)
            else { return .failure(Self.noSuchUser) }
            return .success((name, otherName))
        }
    }

    /// Contacts, requests and blocks of a user in the order of the other's ids; at most `limit` (1
    /// to 1,000), after `after`.
    public func contacts(
        user: UserID, limit: Int = 50, after: UserID? = nil,
        completion: @escaping Completion<ContactPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        read(completion) { [history, directory, schema] () throws(StoreError) in
            let view = history.view
            var scan = Scan.prefix(ChatKeys.user(user))
            if let after {
                scan.start = ChatKeys.relation(user, after).bytes
                scan.startInclusive = false
            }
            let scanner = try view.scan(schema.relations, scan)
            var page = ContactPage(contacts: [], hasMore: false)
            while let row = try scanner.next() {
                let raw = try ChatKeys.number(row.key, at: 10).orDamaged("relations")
                let value = try RelationValue(row.value).orDamaged("relations")
                let other = UserID(rawValue: raw)
                guard value != RelationValue(), let name = try directory.name(of: other) else {
                    continue
                }
                if page.contacts.count == limit {
                    page.hasMore = true
                    break
                }
                page.contacts.append(Contact(user: other, name: name, value))
            }
            return .success(page)
        }
    }

    /// What `user` has chosen.
    public func settings(user: UserID, completion: @escaping Completion<SettingsValue>) {
        change(settings: SettingsChange(), of: user, completion: completion)
    }

    /// Chooses anew; gives all settings. Own devices get an inbox event.
    public func change(
        settings change: SettingsChange, of user: UserID,
        completion: @escaping Completion<SettingsValue>
    ) {
        perform(ChangeSettings(user: user, change: change), completion) { answer in
            guard case .settings(let settings) = answer else { return nil }
            return settings
        }
    }

    /// No notifications of a conversation until then, in microseconds since 1970; 0: as ever. Own
    /// devices get an inbox event.
    public func mute(
        user: UserID, conversation: ConversationID, until: UInt64,
        completion: @escaping Completion<UInt64>
    ) {
        let mute = MuteConversation(user: user, conversation: conversation, until: until)
        perform(mute, completion) { answer in
            guard case .mutedUntil(let until) = answer else { return nil }
            return until
        }
    }
}
