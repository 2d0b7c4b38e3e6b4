import Crypto

/// The token by which APNs knows this server. Apple takes none that is older than an hour, and no
/// new one within 20 minutes of the last.
struct ProviderTokens: Sendable {
    /// When a token is replaced in the course of things, in seconds.
    static let ageMax: UInt64 = 50 * 60
    /// The least distance between two tokens, in seconds.
    static let ageMin: UInt64 = 20 * 60

    struct Token: Sendable, Hashable {
        var text: String
        var issuedAt: UInt64
    }

    private let key: P256.Signing.PrivateKey
    private let keyID: String
    private let team: String
    private var last: Token?

    init(key: P256.Signing.PrivateKey, keyID: String, team: String) {
        self.key = key
        self.keyID = keyID
        self.team = team
    }

    /// The token to use now (seconds since 1970).
    mutating func token(now: UInt64) throws -> Token {
        if let last, last.issuedAt <= now, now - last.issuedAt < Self.ageMax { return last }
        return try issue(now)
    }

    /// The token to use after APNs called `refused` too old; `nil` where it is too early for a new
    /// one, so that our clock or theirs must be wrong.
    mutating func token(after refused: Token, now: UInt64) throws -> Token? {
        if let last, last != refused { return last }
        if refused.issuedAt <= now, now - refused.issuedAt < Self.ageMin { return nil }
        return try issue(now)
    }

    private mutating func issue(_ now: UInt64) throws -> Token {
        let claims = JSONText.object(["iss": .string(team), "iat": .number(now)])
        let token = Token(
            text: try WebToken.sign(claims, keyID: keyID, with: key), issuedAt: now)
        last = token
        return token
    }
}
