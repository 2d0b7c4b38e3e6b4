import MartletStore

/// The tables of accounts, beside those of `ChatSchema`.
struct AccountSchema: Sendable {
    let users: Family
    let names: Family
    let tokens: Family
    let devices: Family
    /// Made after the devices of older tokens are (`TokenMigration`): where it is, they are.
    let deletions: Family

    /// The tables of an open store. Throws `.notFound` where it was never opened by a version that
    /// knows devices.
    init(_ store: Store, _ chat: ChatSchema) throws(StoreError) {
        users = chat.users
        names = chat.names
        tokens = chat.tokens
        devices = try ChatSchema.find(store, "devices")
        deletions = try ChatSchema.find(store, "deletions")
    }

    /// As above, making what is missing. `now` and `lifetimes` date the devices of older tokens.
    static func create(
        in store: Store, _ chat: ChatSchema, migrating lifetimes: TokenLifetimes, now: UInt64
    ) throws(StoreError) -> AccountSchema {
        let known = Set(store.tables.map(\.name))
        if !known.contains("devices") {
            try ChatSchema.create(store, "devices", .rowAndPrefix(length: 10))
        }
        if !known.contains("deletions") {
            let rows = DeviceRows(
                store: store, tokens: chat.tokens,
                devices: try ChatSchema.find(store, "devices"), lifetimes: lifetimes)
            try TokenMigration(rows: rows, now: now).run()
            try ChatSchema.create(store, "deletions", .row)
        }
        return try AccountSchema(store, chat)
    }
}

extension ChatSchema {
    /// The one family of a table. Throws `.notFound`.
    static func find(_ store: Store, _ table: String) throws(StoreError) -> Family {
        try store.table(table).family("v")
    }

    /// Makes a table with the one family; durable on return.
    static func create(
        _ store: Store, _ table: String, _ filter: FilterKind
    ) throws(StoreError) {
        try store.createTable(table, families: [FamilySchema("v", filter: filter)])
    }
}

extension WriteBatch {
    /// Sets the one column of a chat row.
    mutating func put(
        _ family: Family, _ row: some Bytes, _ value: [UInt8], timeToLive: UInt64? = nil
    ) throws(StoreError) {
        try put(
            family, row: row, qualifier: ChatSchema.qualifier, value: value,
            timeToLive: timeToLive)
    }

    /// Removes a chat row.
    mutating func delete(_ family: Family, _ row: some Bytes) throws(StoreError) {
        try deleteColumn(family, row: row, qualifier: ChatSchema.qualifier)
    }
}
