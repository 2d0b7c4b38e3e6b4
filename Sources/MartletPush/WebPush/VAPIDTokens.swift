/// The signed tokens in use, one for each origin: signing costs more than all else of a push.
struct VAPIDTokens: Sendable {
    /// RFC 8292 §2 allows a day; half of it leaves room for clocks that differ.
    static let lifetime: UInt64 = 12 * 3_600
    /// A token is not used in its last hour.
    static let margin: UInt64 = 3_600
    static let originsMax = 256

    private struct Token {
        var text: String
        var issuedAt: UInt64
    }

    private let key: VAPIDKey
    private let subject: String
    private var tokens: [String: Token] = [:]

    init(key: VAPIDKey, subject: String) {
        self.key = key
        self.subject = subject
    }

    /// The token for `origin`. `now` is in seconds since 1970.
    mutating func token(for origin: String, now: UInt64) throws -> String {
        if let token = tokens[origin], isFresh(token, now) { return token.text }
        let claims = JSONText.object([
            "aud": .string(origin), "exp": .number(now + Self.lifetime), "sub": .string(subject),
        ])
        let text = try WebToken.sign(claims, with: key.signing)
        if tokens.count >= Self.originsMax {
            tokens = tokens.filter { isFresh($0.value, now) }
            if tokens.count >= Self.originsMax { tokens = [:] }
        }
        tokens[origin] = Token(text: text, issuedAt: now)
        return text
    }

    private func isFresh(_ token: Token, _ now: UInt64) -> Bool {
        token.issuedAt <= now && now < token.issuedAt + Self.lifetime - Self.margin
    }
}
