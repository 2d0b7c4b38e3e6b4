import MartletStore

extension ChatService {
    /// Makes an account and logs it in. Errors: `.badRequest`, `.nameTaken`, `.tooMany`.
    ///
    /// A name has 1 to 32 of the characters that IRC allows in nicks; case does not distinguish. A
    /// password has 8 to 256 bytes.
    public func register(
        name: String, password: String, completion: @escaping Completion<Session>
    ) {
        let queued = hashers.submit { [accounts] in
            accounts.register(name, password, completion)
        }
        if !queued { completion(.failure(Self.hashersBusy)) }
    }

    /// A new token for an account. Errors: `.unauthorized`, at the same price for an unknown name
    /// as for a wrong password; `.tooMany`.
    public func logIn(
        name: String, password: String, completion: @escaping Completion<Session>
    ) {
        let queued = hashers.submit { [accounts] in
            accounts.logIn(name, password, completion)
        }
        if !queued { completion(.failure(Self.hashersBusy)) }
    }

    /// Whose token it is. `.unauthorized` if it is unknown, ended or expired.
    public func authenticate(token: String, completion: @escaping Completion<Session>) {
        guard token.utf8.count <= 256 else {
            return completion(.failure(Self.badToken))
        }
        let token = Token(token)
        if let session = sessions.cached(token) { return completion(.success(session)) }
        read(completion) { [sessions] () throws(StoreError) in
            guard let session = try sessions.authenticate(token) else {
                return .failure(Self.badToken)
            }
            return .success(session)
        }
    }

    /// Ends the token for good. An unknown one is no error.
    public func logOut(token: String, completion: @escaping Completion<Void>) {
        sessions.end(Token(token), completion)
    }

    /// Finds a user by name; case does not matter. `.notFound` if there is none.
    public func findUser(name: String, completion: @escaping Completion<FoundUser>) {
        guard let key = AccountName.lookupKey(name) else {
            return completion(.failure(Self.noSuchUser))
        }
        if let found = directory.cachedUser(key: key) { return completion(.success(found)) }
        read(completion) { [directory] () throws(StoreError) in
            guard let found = try directory.user(key: key) else {
                return .failure(Self.noSuchUser)
            }
            return .success(found)
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

    static let noSuchUser = ChatError(.notFound, "no such user")
    private static let badToken = ChatError(.unauthorized, "the token is unknown or has ended")
    private static let hashersBusy = ChatError(
        .tooMany, "too many logins wait already", retryAfterMilliseconds: 2_000)
}
