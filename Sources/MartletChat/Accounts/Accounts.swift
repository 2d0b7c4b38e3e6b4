import MartletStore

/// Registers, logs in and logs out. The blocking parts run on the pool of hashing threads.
///
/// `@unchecked Sendable`: `reserved` is touched under `monitor` only.
final class Accounts: @unchecked Sendable {
    typealias Completion<Value> = @Sendable (Result<Value, ChatError>) -> Void

    private let store: Store
    private let schema: ChatSchema
    private let directory: Directory
    private let sessions: Sessions
    private let environment: Environment
    private let options: ChatOptions
    private let monitor = Monitor()
    /// Names whose registration is under way.
    private var reserved: Set<String> = []

    init(
        store: Store, schema: ChatSchema, directory: Directory, sessions: Sessions,
        options: ChatOptions, environment: Environment
    ) {
        self.store = store
        self.schema = schema
        self.directory = directory
        self.sessions = sessions
        self.options = options
        self.environment = environment
    }

    /// On a hashing thread.
    func register(
        _ name: String, _ password: String, _ completion: @escaping Completion<Session>
    ) {
        guard let key = AccountName.key(name),
            ChatLimits.passwordBytes.contains(password.utf8.count)
        else { return completion(.failure(Self.badAccount)) }
        guard monitor.withLock({ reserved.insert(key).inserted }) else {
            return completion(.failure(Self.nameTaken))
        }
        let release: Completion<Session> = { [self] result in
            _ = monitor.withLock { reserved.remove(key) }
            completion(result)
        }
        do throws(StoreError) {
            if try directory.user(key: key) != nil { return release(.failure(Self.nameTaken)) }
            let hash = PasswordHash(
                password, cost: options.passwordCost, salt: randomBytes(PasswordHash.saltBytes))
            guard let hash else {
                return release(.failure(ChatError(.internal, "the password's cost is refused")))
            }
            let user = try freshUser()
            var batch = WriteBatch()
            try put(user, name: name, key: key, password: hash, into: &batch)
            try sessions.begin(user, name, batch: batch, release)
        } catch {
            release(.failure(ChatError(error)))
        }
    }

    /// On a hashing thread. The same work and the same error, whether the name is unknown or the
    /// password wrong.
    func logIn(
        _ name: String, _ password: String, _ completion: @escaping Completion<Session>
    ) {
        do throws(StoreError) {
            let found = try AccountName.key(name).flatMap { key throws(StoreError) in
                try directory.user(key: key)
            }
            let account = try found.flatMap { found throws(StoreError) in
                try directory.account(found.user)
            }
            let hash = account?.password ?? PasswordHash(neverWith: options.passwordCost)
            let matches =
                password.utf8.count <= ChatLimits.passwordBytes.upperBound
                && hash.matches(password)
            guard matches, account?.password != nil, let found else {
                return completion(.failure(Self.wrongPassword))
            }
            try sessions.begin(found.user, found.name, batch: WriteBatch(), completion)
        } catch {
            completion(.failure(ChatError(error)))
        }
    }

    /// Makes users without passwords, all in one batch, and finds those that are there. Blocks.
    /// Their ids follow from the names, so that a repeated import makes the same ones.
    func importUsers(_ names: [String]) throws(StoreError) -> (users: [FoundUser], new: Int) {
        var batch = WriteBatch()
        var made: [String: FoundUser] = [:]
        var users: [FoundUser] = []
        for name in names {
            guard let key = AccountName.lookupKey(name) else {
                throw StoreError(.invalidArgument, "'\(name)' cannot be a user's name")
            }
            let known = made[key]
            if let found = known == nil ? try directory.user(key: key) : known {
                users.append(found)
                continue
            }
            let user = try Self.idFromName(key) { candidate throws(StoreError) in
                try directory.account(candidate) != nil
                    || made.values.contains { $0.user == candidate }
            }
            try put(user, name: name, key: key, password: nil, into: &batch)
            made[key] = FoundUser(user: user, name: name)
            users.append(FoundUser(user: user, name: name))
        }
        if !batch.isEmpty { try store.write(batch, durability: options.durability) }
        return (users, made.count)
    }

    private func put(
        _ user: UserID, name: String, key: String, password: PasswordHash?,
        into batch: inout WriteBatch
    ) throws(StoreError) {
        let value = UserValue(
            name: name, createdAt: environment.clock.now(), password: password)
        try batch.put(
            schema.users, row: ChatKeys.user(user), qualifier: ChatSchema.qualifier,
            value: value.encoded())
        try batch.put(
            schema.names, row: key, qualifier: ChatSchema.qualifier,
            value: NameValue(user: user).encoded())
    }

    private func freshUser() throws(StoreError) -> UserID {
        while true {
            let user = UserID(rawValue: environment.random.next() >> 1)
            if user.rawValue != 0, try directory.account(user) == nil { return user }
        }
    }

    private func randomBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { environment.random.fill($0) }
        return bytes
    }

    private static func idFromName(
        _ key: String, isTaken: (UserID) throws(StoreError) -> Bool
    ) throws(StoreError) -> UserID {
        var text = "user:" + key
        while true {
            let digest = Token(text).digest
            let raw = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
            let user = UserID(rawValue: raw)
            if raw != 0, try !isTaken(user) { return user }
            text += "+"
        }
    }

    private static let badAccount = ChatError(
        .badRequest, "a name has 1 to 32 letters, digits or -_.[]{}|^`\\, a password 8 to 256 bytes"
    )
    private static let nameTaken = ChatError(.nameTaken, "the name belongs to somebody")
    static let wrongPassword = ChatError(.unauthorized, "wrong name or password")
}

extension Optional {
    /// `flatMap` with typed errors.
    fileprivate func flatMap<Value>(
        _ body: (Wrapped) throws(StoreError) -> Value?
    ) throws(StoreError) -> Value? {
        guard let self else { return nil }
        return try body(self)
    }
}
