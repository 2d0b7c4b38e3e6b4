import MartletStore

/// Registers, logs in, and changes accounts. Every call blocks: the ones that hash run on the
/// hashing threads, the others on the reader pool.
///
/// `@unchecked Sendable`: `hashes` is touched under `monitor` only, all else is immutable.
final class Accounts: @unchecked Sendable {
    let store: Store
    let schema: AccountSchema
    let directory: Directory
    let sessions: Sessions
    let turns: Turns<UserID>
    /// Names that are being given to somebody.
    let names = Turns<String>()
    let environment: Environment
    let options: ChatOptions
    private let monitor = Monitor()
    private var hashes: UInt64 = 0

    init(
        store: Store, schema: AccountSchema, directory: Directory, sessions: Sessions,
        turns: Turns<UserID>, options: ChatOptions, environment: Environment
    ) {
        self.store = store
        self.schema = schema
        self.directory = directory
        self.sessions = sessions
        self.turns = turns
        self.options = options
        self.environment = environment
    }

    /// Passwords hashed so far.
    var hashCount: UInt64 { monitor.withLock { hashes } }

    /// On a hashing thread.
    func register(
        _ name: String, _ password: String, _ label: String
    ) throws(StoreError) -> Result<Session, ChatError> {
        guard let key = AccountName.key(name), Self.isAllowed(password) else {
            return .failure(Self.badAccount)
        }
        // A name that somebody is registering right now counts as taken.
        let result = try names.ifFree(key) { () throws(StoreError) -> Result<Session, ChatError> in
            if try directory.owner(key: key) != nil { return .failure(Self.nameTaken) }
            guard let hash = hash(password) else { return .failure(Self.badCost) }
            let login = Sessions.Login(
                user: try freshUser(), name: name, token: Token(environment.random),
                label: label)
            var batch = WriteBatch()
            try put(login.user, name: name, key: key, password: hash, into: &batch)
            return .success(try sessions.begin(login, batch: batch))
        }
        return result ?? .failure(Self.nameTaken)
    }

    /// On a hashing thread. The same reads, one hash and the same error, whether the name is
    /// unknown, the account disabled or the password wrong. Holds A4.
    func logIn(
        _ name: String, _ password: String, _ label: String
    ) throws(StoreError) -> Result<Session, ChatError> {
        let found = try AccountName.key(name).map { (key) throws(StoreError) in
            try directory.account(key: key)
        }.flatMap { $0 }
        let matches = check(password, found?.account.password)
        guard matches, let (user, account) = found, !account.isDisabled else {
            return .failure(Self.wrongPassword)
        }
        return try turns.with(user) { () throws(StoreError) in
            // What was checked must still hold when the device begins.
            guard try directory.account(user) == account else {
                return .failure(Self.wrongPassword)
            }
            let login = Sessions.Login(
                user: user, name: account.name, token: Token(environment.random), label: label)
            return .success(try sessions.begin(login, batch: WriteBatch()))
        }
    }

    /// On a hashing thread. Ends all devices but `device`.
    func changePassword(
        _ user: UserID, keeping device: DeviceID, from old: String, to new: String
    ) throws(StoreError) -> Result<Void, ChatError> {
        guard Self.isAllowed(new) else { return .failure(Self.badAccount) }
        let account = try directory.account(user)
        guard check(old, account?.password), let account else {
            return .failure(ChatError(.forbidden, "the old password is another one"))
        }
        guard let hash = hash(new) else { return .failure(Self.badCost) }
        return try turns.with(user) { () throws(StoreError) in
            guard try directory.account(user) == account, !account.isDisabled else {
                return .failure(
                    ChatError(
                        .unavailable, "the account was changed meanwhile",
                        retryAfterMilliseconds: 500))
            }
            var changed = account
            changed.password = hash
            var batch = WriteBatch()
            try batch.put(schema.users, ChatKeys.user(user), changed.encoded())
            let ended = try sessions.remove(user, from: &batch) { $0.device != device }
            try store.write(batch, durability: options.durability)
            sessions.announce(user, ended, .passwordChanged)
            return .success(())
        }
    }

    /// On the reader pool. Disabling ends all devices.
    func setDisabled(
        _ user: UserID, _ disabled: Bool
    ) throws(StoreError) -> Result<Void, ChatError> {
        try turns.with(user) { () throws(StoreError) in
            guard var account = try directory.account(user), !account.isDeleted else {
                return .failure(ChatService.noSuchUser)
            }
            if account.isDisabled == disabled { return .success(()) }
            account.isDisabled = disabled
            var batch = WriteBatch()
            try batch.put(schema.users, ChatKeys.user(user), account.encoded())
            let ended = disabled ? try sessions.remove(user, from: &batch) { _ in true } : []
            try store.write(batch, durability: options.durability)
            if disabled { sessions.announce(user, ended, .disabled, all: true) }
            return .success(())
        }
    }

    // MARK: Parts

    func put(
        _ user: UserID, name: String, key: String, password: PasswordHash?,
        into batch: inout WriteBatch
    ) throws(StoreError) {
        let value = UserValue(
            name: name, createdAt: environment.clock.now(), password: password)
        try batch.put(schema.users, ChatKeys.user(user), value.encoded())
        try batch.put(schema.names, key, NameValue(user: user).encoded())
    }

    func freshUser() throws(StoreError) -> UserID {
        while true {
            let user = UserID(rawValue: environment.random.next() >> 1)
            if user.rawValue != 0, try directory.account(user) == nil { return user }
        }
    }

    private func hash(_ password: String) -> PasswordHash? {
        monitor.withLock { hashes += 1 }
        var salt = [UInt8](repeating: 0, count: PasswordHash.saltBytes)
        salt.withUnsafeMutableBytes { environment.random.fill($0) }
        return PasswordHash(password, cost: options.passwordCost, salt: salt)
    }

    /// Hashes once, also where there is nothing to compare with.
    private func check(_ password: String, _ stored: PasswordHash?) -> Bool {
        monitor.withLock { hashes += 1 }
        let matches = (stored ?? PasswordHash(neverWith: options.passwordCost)).matches(password)
        return matches && stored != nil
    }

    private static func isAllowed(_ password: String) -> Bool {
        ChatLimits.passwordBytes.contains(password.utf8.count)
    }

    private static let badAccount = ChatError(
        .badRequest, "a name has 1 to 32 letters, digits or -_.[]{}|^`\\, a password 8 to 256 bytes"
    )
    private static let badCost = ChatError(.internal, "the password's cost is refused")
    private static let nameTaken = ChatError(.nameTaken, "the name belongs to somebody")
    static let wrongPassword = ChatError(.unauthorized, "wrong name or password")
}
