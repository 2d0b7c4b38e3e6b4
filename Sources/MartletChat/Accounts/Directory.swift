import MartletStore

/// Names and ids, cached. Accounts are never renamed; what is cached of one that is deleted is
/// forgotten, and a read that began before is not cached after. Without entries nothing is cached.
///
/// `@unchecked Sendable`: the caches and the counters are touched under `monitor` only.
final class Directory: @unchecked Sendable {
    private let store: Store
    private let schema: ChatSchema
    private let isCaching: Bool
    private let monitor = Monitor()
    private var names: PinnedCache<UserID, String>
    private var users: PinnedCache<String, FoundUser>
    /// Grows with each account forgotten.
    private var forgotten = 0
    private var reads: UInt64 = 0

    init(store: Store, schema: ChatSchema, cacheEntries: Int) {
        self.store = store
        self.schema = schema
        isCaching = cacheEntries > 0
        names = PinnedCache(capacity: cacheEntries)
        users = PinnedCache(capacity: cacheEntries)
    }

    /// Rows read so far.
    var readCount: UInt64 { monitor.withLock { reads } }

    /// What is known without reading the store.
    func cachedName(of user: UserID) -> String? {
        monitor.withLock { names[user] }
    }

    /// The name of an account that is not deleted. Blocks on the disk.
    func name(of user: UserID) throws(StoreError) -> String? {
        let (cached, before) = monitor.withLock { (names[user], forgotten) }
        if let cached { return cached }
        guard let account = try account(user), !account.isDeleted else { return nil }
        if isCaching {
            monitor.withLock { if forgotten == before { names[user] = account.name } }
        }
        return account.name
    }

    /// Blocks on the disk. `key` is the lower-case name.
    func user(key: String) throws(StoreError) -> FoundUser? {
        let (cached, before) = monitor.withLock { (users[key], forgotten) }
        if let cached { return cached }
        guard let user = try owner(key: key), let name = try name(of: user) else { return nil }
        let found = FoundUser(user: user, name: name)
        if isCaching { monitor.withLock { if forgotten == before { users[key] = found } } }
        return found
    }

    /// As `user(key:)`, with the account, and past the caches: the same reads, whether there is
    /// such an account or not. Deleted ones are not found. Blocks on the disk. Holds A4.
    func account(key: String) throws(StoreError) -> (user: UserID, account: UserValue)? {
        let owner = try owner(key: key)
        // No user has id 0: where there is no owner, it stands for the account that is not there.
        guard let account = try account(owner ?? UserID(rawValue: 0)), let owner,
            !account.isDeleted
        else { return nil }
        return (owner, account)
    }

    /// Whose name it is, also while the account is being deleted: the name is not free then.
    /// Blocks on the disk.
    func owner(key: String) throws(StoreError) -> UserID? {
        try read(schema.names, key).map { (bytes) throws(StoreError) in
            try NameValue(bytes).orDamaged("names").user
        }
    }

    /// The account, or what is left of a deleted one. Blocks on the disk.
    func account(_ user: UserID) throws(StoreError) -> UserValue? {
        try read(schema.users, ChatKeys.user(user)).map { (bytes) throws(StoreError) in
            try UserValue(bytes).orDamaged("users")
        }
    }

    /// Forgets a deleted account. Call it when the deletion can be read.
    func forget(_ user: UserID, key: String) {
        monitor.withLock {
            forgotten += 1
            names.removeValue(user)
            users.removeValue(key)
        }
    }

    private func read(_ family: Family, _ row: some Bytes) throws(StoreError) -> [UInt8]? {
        monitor.withLock { reads += 1 }
        return try store.value(family, row)
    }
}
