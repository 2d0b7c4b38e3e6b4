import MartletStore

/// Who may see whom, read from the stored rows. Blocks: presence pool only.
struct PresenceReader: Sendable {
    let store: Store
    let schema: ChatSchema
    let directory: Directory

    private var view: ChatView { ChatView(store, schema) }

    func visible(
        _ users: [UserID], to viewer: UserID
    ) throws(StoreError) -> [VisiblePresence] {
        let view = view
        var found: [VisiblePresence] = []
        for user in users {
            // The same reads for those who are not there.
            let settings = try view.settings(user)
            let maySee = try maySee(view, user, settings, by: viewer)
            let exists = try directory.name(of: user) != nil
            found.append(
                VisiblePresence(
                    user: user, isVisible: exists && maySee,
                    lastSeen: exists && maySee ? try lastSeen(view, user) : nil))
        }
        return found
    }

    /// The user's contacts, in the order of their ids; at most `limit`.
    func contacts(of user: UserID, limit: Int) throws(StoreError) -> [UserID] {
        let scanner = try view.scan(schema.relations, .prefix(ChatKeys.user(user)))
        var contacts: [UserID] = []
        while contacts.count < limit, let row = try scanner.next() {
            let raw = try ChatKeys.number(row.key, at: 10).orDamaged("relations")
            let value = try RelationValue(row.value).orDamaged("relations")
            if value.contact == .contact { contacts.append(UserID(rawValue: raw)) }
        }
        return contacts
    }

    /// Those of `viewers` who may see the user's presence now.
    func audience(
        of user: UserID, among viewers: [UserID]
    ) throws(StoreError) -> [UserID] {
        guard try directory.name(of: user) != nil else { return [] }
        let view = view
        let settings = try view.settings(user)
        if settings.presence == .nobody { return viewers.filter { $0 == user } }
        var allowed: [UserID] = []
        for viewer in viewers where try maySee(view, user, settings, by: viewer) {
            allowed.append(viewer)
        }
        return allowed
    }

    /// `nil` for one who is no member any more, or shows nobody the cursors.
    func receipt(
        of user: UserID, in group: ConversationID, among viewers: [UserID]
    ) throws(StoreError) -> GroupReceipt? {
        let view = view
        let settings = try view.settings(user)
        guard settings.receipts, let member = try view.member(group, user), member.role != nil
        else { return nil }
        var audience: [UserID] = []
        for viewer in Set(viewers) where viewer != user {
            guard try view.member(group, viewer)?.role != nil,
                PeopleRules.tellsReceipts(
                    of: user, to: viewer, readerRow: try view.relation(user, viewer),
                    settings: settings)
            else { continue }
            audience.append(viewer)
        }
        return GroupReceipt(
            group: group, user: user, delivered: member.shownDelivered, read: member.shownRead,
            audience: audience)
    }

    /// Who is told that the user writes something: the peer unless one of the two does not want
    /// the other's messages, the other members of a group of up to `membersMax`.
    func typingAudience(
        of user: UserID, in conversation: ConversationID, membersMax: Int
    ) throws(StoreError) -> [UserID] {
        let view = view
        guard conversation.isGroup else {
            let peer = conversation.peer
            let mayWrite = PeopleRules.mayWrite(
                from: user, to: peer, writerRow: try view.relation(user, peer),
                readerRow: try view.relation(peer, user), settings: try view.settings(peer))
            return mayWrite && peer != user ? [peer] : []
        }
        guard let group = try view.group(conversation), group.count <= UInt64(membersMax),
            try view.member(conversation, user)?.role != nil
        else { return [] }
        let scanner = try view.scan(schema.members, .prefix(ChatKeys.group(conversation)))
        var others: [UserID] = []
        while let row = try scanner.next() {
            let raw = try ChatKeys.number(row.key, at: 10).orDamaged("members")
            let member = try MemberValue(row.value).orDamaged("members")
            if member.role != nil, raw != user.rawValue { others.append(UserID(rawValue: raw)) }
        }
        return others
    }

    /// Stores when users were last there. Nothing is left of one who is deleted meanwhile: either
    /// the deletion's sweep comes after the write, or the second look finds the account gone.
    func record(_ seen: [LastSeen]) throws(StoreError) {
        var batch = WriteBatch()
        for one in seen where try directory.name(of: one.user) != nil {
            try batch.put(
                schema.seen, ChatKeys.user(one.user), SeenValue(at: one.at).encoded())
        }
        try store.write(batch, durability: .written)
        var late = WriteBatch()
        for one in seen where try directory.name(of: one.user) == nil {
            try late.delete(schema.seen, ChatKeys.user(one.user))
        }
        try store.write(late, durability: .written)
    }

    // MARK: Parts

    private func maySee(
        _ view: ChatView, _ user: UserID, _ settings: SettingsValue, by viewer: UserID
    ) throws(StoreError) -> Bool {
        PeopleRules.maySeePresence(
            of: user, by: viewer, viewerRow: try view.relation(viewer, user),
            ownerRow: try view.relation(user, viewer), settings: settings)
    }

    private func lastSeen(_ view: ChatView, _ user: UserID) throws(StoreError) -> UInt64? {
        try view.value(schema.seen, ChatKeys.user(user)) { SeenValue($0) }?.at
    }
}
