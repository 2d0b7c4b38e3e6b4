/// An issuer whose JSON Web Tokens open sessions.
public struct JWTConfiguration: Sendable, Hashable {
    /// What `iss` must be, to the letter.
    public var issuer: String
    /// What `aud` must be, or have among its values.
    public var audience: String
    /// The path of the issuer's public keys, a JSON Web Key Set. Read again when it changes.
    public var keysPath: String
    /// Whether a subject that is no user's name gets an account, one without a password.
    public var makesAccounts = false
    /// Whether tokens also open accounts that have a password here. Their owners chose the name
    /// themselves, and need not be whom the issuer means by it: leave it off where anybody can
    /// register.
    public var opensAccountsWithPassword = false
    /// Seconds by which the issuer's clock may differ.
    public var leewaySeconds: Int64 = 60

    /// An issuer whose subjects must have accounts already.
    public init(issuer: String, audience: String, keysPath: String) {
        self.issuer = issuer
        self.audience = audience
        self.keysPath = keysPath
    }
}

/// Why a token, or a set of keys, is not accepted. For the log: clients are not told.
package enum JWTFault: Error, Sendable, Hashable {
    /// Not three parts of strict base64url, or not the JSON of RFC 7515 and RFC 7519.
    case malformed
    /// `alg` is not on the list, or a `crit` header asks for what is not understood.
    case algorithm
    /// No key of this `kid` and algorithm.
    case key
    case signature
    case issuer
    case audience
    case expired
    case tooEarly
    case subject
    /// The file of keys cannot be read, is over 1 MiB, or has no key that can be used.
    case keyFile
}
