import MartletStore

/// Names and ids. Accounts are never renamed or removed, so what was found once stays true.
///
/// `@unchecked Sendable`: the caches are touched under `monitor` only.
final class Directory: @unchecked Sendable {
    private let store: Store
    private let schema: ChatSchema
    private let monitor = Monitor()
    private var names: PinnedCache<UserID, String>
    private var users: PinnedCache<String, FoundUser>

    init(store: Store, schema: ChatSchema, cacheEntries: Int) {
        self.store = store
        self.schema = schema
        names = PinnedCache(capacity: cacheEntries)
        users = PinnedCache(capacity: cacheEntries)
    }

    /// What is known without reading the store.
    func cachedName(of user: UserID) -> String? {
        monitor.withLock { names[user] }
    }

    /// What is known without reading the store.
    func cachedUser(key: String) -> FoundUser? {
        monitor.withLock { users[key] }
    }

    /// Blocks on the disk.
    func name(of user: UserID) throws(StoreError) -> String? {
        if let name = cachedName(of: user) { return name }
        guard let account = try account(user) else { return nil }
        monitor.withLock { names[user] = account.name }
        return account.name
    }

    /// Blocks on the disk. `key` is the lower-case name.
    func user(key: String) throws(StoreError) -> FoundUser? {
        if let found = cachedUser(key: key) { return found }
        guard let bytes = try store.value(schema.names, key) else { return nil }
        let user = try NameValue(bytes).orDamaged("names").user
        guard let name = try name(of: user) else { return nil }
        let found = FoundUser(user: user, name: name)
        monitor.withLock { users[key] = found }
        return found
    }

    /// Blocks on the disk.
    func account(_ user: UserID) throws(StoreError) -> UserValue? {
        guard let bytes = try store.value(schema.users, ChatKeys.user(user)) else { return nil }
        return try UserValue(bytes).orDamaged("users")
    }
}
