import MartletStore

extension ChatService {
    /// Makes an account and logs it in. Errors: `.badRequest`, `.nameTaken`, `.tooMany`.
    ///
    /// A name has 1 to 32 of the characters that IRC allows in nicks; case does not distinguish. A
    /// password has 8 to 256 bytes.
    /// - Parameter label: What the client calls the device: 1 to 64 bytes, or `nil`.
    public func register(
        name: String, password: String, label: String? = nil,
        completion: @escaping Completion<Session>
    ) {
        guard let label = Self.checked(label) else {
            return completion(.failure(Self.badLabel))
        }
        hash(completion) { [accounts] () throws(StoreError) in
            try accounts.register(name, password, label)
        }
    }

    /// A new device of an account. Errors: `.unauthorized`, at the same price for an unknown name,
    /// a disabled account and a wrong password; `.tooMany`.
    ///
    /// A user has at most 16 devices: one more ends the one unused for longest, of which the
    /// observer of ends is told.
    public func logIn(
        name: String, password: String, label: String? = nil,
        completion: @escaping Completion<Session>
    ) {
        guard let label = Self.checked(label) else {
            return completion(.failure(Self.badLabel))
        }
        hash(completion) { [accounts] () throws(StoreError) in
            try accounts.logIn(name, password, label)
        }
    }

    /// The session of a credential that a configured issuer made and the caller has verified. The
    /// same credential is the same device, until it is ended here or by its own time. Errors:
    /// `.unauthorized`, whatever the reason; `.badRequest` (label).
    public func openSession(_ login: ForeignLogin, completion: @escaping Completion<Session>) {
        guard login.label.isEmpty || Self.checked(login.label) != nil else {
            return completion(.failure(Self.badLabel))
        }
        read(completion) { [accounts] () throws(StoreError) in try accounts.open(login) }
    }

    /// Finds a user by name; case does not matter. `.notFound` if there is none, after the same
    /// reads.
    public func findUser(name: String, completion: @escaping Completion<FoundUser>) {
        guard let key = AccountName.lookupKey(name) else {
            return completion(.failure(Self.noSuchUser))
        }
        read(completion) { [directory] () throws(StoreError) in
            guard let (user, account) = try directory.account(key: key) else {
                return .failure(Self.noSuchUser)
            }
            return .success(FoundUser(user: user, name: account.name))
        }
    }

    /// A user's name. `.notFound` if there is no such user.
    public func userName(_ user: UserID, completion: @escaping Completion<String>) {
        if let name = directory.cachedName(of: user) { return completion(.success(name)) }
        read(completion) { [directory] () throws(StoreError) in
            guard let name = try directory.name(of: user) else {
                return .failure(Self.noSuchUser)
            }
            return .success(name)
        }
    }

    /// Changes the password and ends all devices but `device`. Errors: `.forbidden` (the old one is
    /// wrong, or the account has none), `.badRequest` (the new one), `.tooMany`.
    public func changePassword(
        user: UserID, device: DeviceID, old: String, new: String,
        completion: @escaping Completion<Void>
    ) {
        hash(completion) { [accounts] () throws(StoreError) in
            try accounts.changePassword(user, keeping: device, from: old, to: new)
        }
    }

    // MARK: Operators

    /// Accounts in the order of the store's keys, at most `limit` (1 to 1,000), behind `after`.
    public func listAccounts(
        after: UserID? = nil, limit: Int = 100, completion: @escaping Completion<AccountPage>
    ) {
        let limit = max(1, min(limit, ChatLimits.page))
        read(completion) { [accounts] () throws(StoreError) in
            .success(try accounts.list(after: after, limit: limit))
        }
    }

    /// Disables an account, which ends all its devices, or enables it again. `.notFound` if there
    /// is no such user.
    public func setDisabled(
        user: UserID, disabled: Bool, completion: @escaping Completion<Void>
    ) {
        read(completion) { [accounts] () throws(StoreError) in
            try accounts.setDisabled(user, disabled)
        }
    }

    /// Deletes an account with all its data; peers keep their copies. It completes when nothing is
    /// left and the name is free; a stop of the server in between only delays it. `.notFound` if
    /// there is no such user; `.unavailable` if messages still come in: call again.
    public func deleteUser(_ user: UserID, completion: @escaping Completion<Void>) {
        read(completion) { [deletion] () throws(StoreError) in try deletion.run(user) }
    }

    // MARK: Parts

    /// Runs `body` on the hashing threads and completes with its value.
    private func hash<Value: Sendable>(
        _ completion: @escaping Completion<Value>,
        _ body: @escaping @Sendable () throws(StoreError) -> Result<Value, ChatError>
    ) {
        let queued = hashers.submit {
            do throws(StoreError) {
                completion(try body())
            } catch {
                completion(.failure(ChatError(error)))
            }
        }
        if !queued { completion(.failure(Self.hashersBusy)) }
    }

    /// The label, empty for none; `nil` if it is too long or empty.
    private static func checked(_ label: String?) -> String? {
        guard let label else { return "" }
        return ChatLimits.deviceLabelBytes.contains(label.utf8.count) ? label : nil
    }

    static let noSuchUser = ChatError(.notFound, "no such user")
    private static let badLabel = ChatError(.badRequest, "a device's label has 1 to 64 bytes")
    private static let hashersBusy = ChatError(
        .tooMany, "too many logins wait already", retryAfterMilliseconds: 2_000)
}
