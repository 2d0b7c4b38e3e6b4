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
