public import MartletStore

/// How much is in a chat store, without checking any of it.
public struct ChatCounts: Sendable, Hashable {
    /// Accounts.
    public private(set) var users: UInt64 = 0
    /// One-to-one conversations; both sides are one.
    public private(set) var conversations: UInt64 = 0
    /// Groups.
    public private(set) var groups: UInt64 = 0

    /// Counts. Blocks. Throws what the store throws.
    public init(_ store: Store) throws(StoreError) {
        let schema = try ChatSchema(store, creating: false)
        let accounts = try store.scan(schema.users, Scan())
        while let row = try accounts.next() {
            if UserValue(row.value)?.isDeleted != true { users += 1 }
        }
        let sides = try store.scan(schema.conversations, Scan())
        while let row = try sides.next() {
            guard let user = ChatKeys.number(row.key, at: 2),
                let peer = ChatKeys.number(row.key, at: 10), user <= peer,
                !ConversationID(rawValue: peer).isGroup
            else { continue }
            conversations += 1
        }
        let groups = try store.scan(schema.groups, Scan())
        while try groups.next() != nil { self.groups += 1 }
    }
}
