import MartletStore

/// The chat's tables, one family and one column (the empty qualifier) each.
struct ChatSchema: Sendable {
    let users: Family
    let names: Family
    let tokens: Family
    let conversations: Family
    let messages: Family
    let inbox: Family
    let sends: Family
    let groups: Family
    let members: Family
    let groupMessages: Family
    /// Messages of groups that a user has deleted for the own devices.
    let hidden: Family
    let links: Family
    let relations: Family
    let settings: Family
    let mutes: Family
    /// Where devices get their pushes.
    let subscriptions: Family
    /// The outbox of pushes by id, and by the time at which they are due.
    let pushes: Family
    let pushQueue: Family
    let deadPushes: Family
    /// When users were last there.
    let seen: Family

    /// What belongs to one user alone: rows that begin with the owner's shard and id.
    var owned: [Family] {
        [
            conversations, messages, inbox, sends, hidden, relations, settings, mutes, seen,
            subscriptions, pushes, deadPushes,
        ]
    }

    static let qualifier: [UInt8] = []
    private static let family = "v"

    /// Finds the tables, and makes those that are missing unless the store is read-only.
    init(_ store: Store, creating: Bool = true) throws(StoreError) {
        users = try Self.open(store, "users", .row, creating)
        names = try Self.open(store, "names", .row, creating)
        tokens = try Self.open(store, "tokens", .row, creating)
        conversations = try Self.open(
            store, "conversations", .rowAndPrefix(length: 10), creating)
        messages = try Self.open(store, "messages", .rowAndPrefix(length: 18), creating)
        inbox = try Self.open(store, "inbox", .rowAndPrefix(length: 10), creating)
        sends = try Self.open(store, "sends", .row, creating)
        groups = try Self.open(store, "groups", .row, creating)
        members = try Self.open(store, "members", .rowAndPrefix(length: 10), creating)
        groupMessages = try Self.open(
            store, "group_messages", .rowAndPrefix(length: 10), creating)
        hidden = try Self.open(store, "hidden", .rowAndPrefix(length: 18), creating)
        links = try Self.open(store, "links", .row, creating)
        relations = try Self.open(store, "relations", .rowAndPrefix(length: 10), creating)
        settings = try Self.open(store, "settings", .row, creating)
        mutes = try Self.open(store, "mutes", .rowAndPrefix(length: 10), creating)
        subscriptions = try Self.open(
            store, "subscriptions", .rowAndPrefix(length: 10), creating)
        pushes = try Self.open(store, "pushes", .rowAndPrefix(length: 18), creating)
        pushQueue = try Self.open(store, "push_queue", .row, creating)
        deadPushes = try Self.open(store, "dead_pushes", .rowAndPrefix(length: 18), creating)
        seen = try Self.open(store, "seen", .row, creating)
    }

    private static func open(
        _ store: Store, _ name: String, _ filter: FilterKind, _ creating: Bool
    ) throws(StoreError) -> Family {
        do throws(StoreError) {
            return try store.table(name).family(family)
        } catch  where error.code == .notFound && creating {
            return try store.createTable(name, families: [FamilySchema(family, filter: filter)])
                .family(family)
        }
    }
}

extension Store {
    /// The one column of a chat row.
    func value(_ family: Family, _ row: some Bytes) throws(StoreError) -> [UInt8]? {
        try get(family, row: row, qualifier: ChatSchema.qualifier)
    }
}

extension Row {
    /// The one column of a chat row.
    var value: [UInt8] { cells.first?.value ?? [] }
}
