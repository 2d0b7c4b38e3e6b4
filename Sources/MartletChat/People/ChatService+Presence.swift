import MartletStore

/// When a user was last there.
public struct LastSeen: Hashable, Sendable {
    /// The user.
    public var user: UserID
    /// Microseconds since 1970.
    public var at: UInt64

    /// The user at this time.
    public init(user: UserID, at: UInt64) {
        self.user = user
        self.at = at
    }
}

/// What presence asks the store, on a thread of its own with a bounded queue: it never stands in
/// the way of a message. Holds V5.
extension ChatService {
    /// What `viewer` may know of each of `users`, in their order. `.tooMany` when too many look.
    public func visiblePresence(
        of users: [UserID], to viewer: UserID,
        completion: @escaping Completion<[VisiblePresence]>
    ) {
        look(completion) { (reader) throws(StoreError) in try reader.visible(users, to: viewer) }
    }

    /// The same of the viewer's contacts, at most 1,000, in the order of their ids.
    public func presenceOfContacts(
        of viewer: UserID, completion: @escaping Completion<[VisiblePresence]>
    ) {
        look(completion) { (reader) throws(StoreError) in
            let contacts = try reader.contacts(of: viewer, limit: ChatLimits.page)
            return try reader.visible(contacts, to: viewer)
        }
    }

    /// Of each question the viewers who may see the user's presence now, and are told.
    ///
    /// This and the next two are the server's own: a full queue takes them, and the caller has one
    /// of them under way at a time.
    public func presenceAudiences(
        _ questions: [PresenceQuestion], completion: @escaping Completion<[[UserID]]>
    ) {
        look(force: true, completion) { (reader) throws(StoreError) in
            var audiences: [[UserID]] = []
            for question in questions {
                audiences.append(
                    try reader.audience(of: question.user, among: question.viewers))
            }
            return audiences
        }
    }

    /// The cursors of members who have moved them, each with those of the viewers who may see them.
    public func groupReceipts(
        _ questions: [(group: ConversationID, question: PresenceQuestion)],
        completion: @escaping Completion<[GroupReceipt]>
    ) {
        look(force: true, completion) { (reader) throws(StoreError) in
            var receipts: [GroupReceipt] = []
            for (group, question) in questions {
                let receipt = try reader.receipt(
                    of: question.user, in: group, among: question.viewers)
                if let receipt { receipts.append(receipt) }
            }
            return receipts
        }
    }

    /// Stores when users were last there, as durably as the process lives.
    public func recordSeen(_ seen: [LastSeen], completion: @escaping Completion<Void>) {
        look(force: true, completion) { (reader) throws(StoreError) in try reader.record(seen) }
    }

    /// Who of those that `isThere` picks is told that `user` writes something there; nobody in
    /// groups above 200 members, and no two of whom one blocks the other.
    public func typingAudience(
        of user: UserID, in conversation: ConversationID,
        among isThere: @escaping @Sendable (UserID) -> Bool = { _ in true },
        completion: @escaping Completion<[UserID]>
    ) {
        look(completion) { (reader) throws(StoreError) in
            try reader.typingAudience(
                of: user, in: conversation, membersMax: ChatLimits.typingMembers,
                among: isThere)
        }
    }

    private func look<Value: Sendable>(
        force: Bool = false, _ completion: @escaping Completion<Value>,
        _ body: @escaping @Sendable (PresenceReader) throws(StoreError) -> Value
    ) {
        let reader = PresenceReader(store: store, schema: schema, directory: directory)
        run(on: presence, force: force, completion) { () throws(StoreError) in
            .success(try body(reader))
        }
    }
}
