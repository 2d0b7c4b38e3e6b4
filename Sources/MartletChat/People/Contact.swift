/// Another user, as a user has them among the contacts.
public struct Contact: Hashable, Sendable {
    /// The other user.
    public var user: UserID
    /// Their name.
    public var name: String
    /// How far the two are on the way to being contacts.
    public var state: ContactState
    /// Whether the user blocks them.
    public var isBlocked: Bool

    init(user: UserID, name: String, _ row: RelationValue) {
        self.user = user
        self.name = name
        state = row.contact
        isBlocked = row.blocked
    }
}

/// A user's contacts, requests and blocks, in the order of their ids.
public struct ContactPage: Hashable, Sendable {
    /// In the order of their ids.
    public var contacts: [Contact]
    /// Whether there are further ones.
    public var hasMore: Bool
}
