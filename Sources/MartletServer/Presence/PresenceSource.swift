package import MartletChat

/// What presence needs of the domain, as values: the real service, or a test's own. Replies come
/// later, on any thread.
package struct PresenceSource: Sendable {
    package typealias Reply<Value> = @Sendable (Result<Value, ChatError>) -> Void

    /// What the viewer may know of users.
    package var visible: @Sendable ([UserID], UserID, @escaping Reply<[VisiblePresence]>) -> Void
    /// The same of the viewer's contacts.
    package var contacts: @Sendable (UserID, @escaping Reply<[VisiblePresence]>) -> Void
    /// Who may be told that users came online.
    package var audiences: @Sendable ([PresenceQuestion], @escaping Reply<[[UserID]]>) -> Void
    /// Where members' cursors stand, and who may be told.
    package var receipts:
        @Sendable ([(ConversationID, PresenceQuestion)], @escaping Reply<[GroupReceipt]>) -> Void
    /// Stores when users were last there.
    package var record: @Sendable ([LastSeen], @escaping Reply<Void>) -> Void
    /// Who is told that a user writes something, of those who are there.
    package var typing:
        @Sendable (
            UserID, ConversationID, @escaping @Sendable (UserID) -> Bool, @escaping Reply<[UserID]>
        ) -> Void

    /// A domain in which nobody may see anybody.
    package init() {
        visible = { users, _, reply in
            reply(.success(users.map { VisiblePresence(user: $0, isVisible: false) }))
        }
        contacts = { _, reply in reply(.success([])) }
        audiences = { questions, reply in reply(.success(questions.map { _ in [] })) }
        receipts = { _, reply in reply(.success([])) }
        record = { _, reply in reply(.success(())) }
        typing = { _, _, _, reply in reply(.success([])) }
    }

    package init(_ chat: ChatService) {
        visible = { chat.visiblePresence(of: $0, to: $1, completion: $2) }
        contacts = { chat.presenceOfContacts(of: $0, completion: $1) }
        audiences = { chat.presenceAudiences($0, completion: $1) }
        receipts = { chat.groupReceipts($0, completion: $1) }
        record = { chat.recordSeen($0, completion: $1) }
        typing = { chat.typingAudience(of: $0, in: $1, among: $2, completion: $3) }
    }
}
