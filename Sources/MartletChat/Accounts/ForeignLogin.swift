import MartletStore

/// A login that somebody else vouches for: a configured issuer's credential, already verified.
public struct ForeignLogin: Sendable {
    /// The account's name.
    public var name: String
    /// The credential's text. It stands for the session, so that the same one is always the same
    /// device; only its digest is stored.
    public var credential: String
    /// Microseconds since 1970 at which the credential ends, and the session with it.
    public var endsAt: UInt64
    /// The device's label, 64 bytes at most.
    public var label = ""
    /// Whether an unknown name gets an account, one without a password.
    public var makesAccount = false
    /// Whether it opens accounts that have a password here: their owners chose the name themselves,
    /// and need not be whom the issuer means by it.
    public var opensAccountsWithPassword = false

    /// A login with everything else left out.
    public init(name: String, credential: String, endsAt: UInt64) {
        self.name = name
        self.credential = credential
        self.endsAt = endsAt
    }
}

extension Accounts {
    /// On the reader pool. The session of a verified credential; the first time it makes a device.
    func open(_ login: ForeignLogin) throws(StoreError) -> Result<Session, ChatError> {
        let token = Token(login.credential)
        if let session = try known(token, login) { return session }
        guard let key = AccountName.key(login.name), login.endsAt > environment.clock.now() else {
            return .failure(Self.notAccepted)
        }
        return try names.with(key) { () throws(StoreError) in
            guard let user = try directory.owner(key: key) else {
                guard login.makesAccount else { return .failure(Self.notAccepted) }
                let user = try freshUser()
                var batch = WriteBatch()
                try put(user, name: login.name, key: key, password: nil, into: &batch)
                return .success(try begin(user, login.name, login, batch))
            }
            return try turns.with(user) { () throws(StoreError) in
                // Somebody else may have opened it, or ended it, while the turn was waited for.
                if let session = try known(token, login) { return session }
                guard let account = try directory.account(user), !account.isDisabled,
                    !account.isDeleted,
                    account.password == nil || login.opensAccountsWithPassword
                else { return .failure(Self.notAccepted) }
                return .success(try begin(user, account.name, login, WriteBatch()))
            }
        }
    }

    /// What is known of the credential; `nil` if it was never seen.
    private func known(
        _ token: Token, _ login: ForeignLogin
    ) throws(StoreError) -> Result<Session, ChatError>? {
        guard try sessions.knows(token) else { return nil }
        var session = sessions.cached(token)
        if session == nil { session = try sessions.authenticate(token) }
        guard let session, AccountName.key(session.name) == AccountName.key(login.name) else {
            return .failure(Self.notAccepted)
        }
        return .success(session)
    }

    private func begin(
        _ user: UserID, _ name: String, _ login: ForeignLogin, _ batch: WriteBatch
    ) throws(StoreError) -> Session {
        let end = login.endsAt
        return try sessions.begin(
            Sessions.Login(
                user: user, name: name, token: Token(login.credential),
                label: login.label, foreignEnd: end),
            batch: batch)
    }

    private static let notAccepted = ChatError(
        .unauthorized, "the token is not accepted for any account")
}
