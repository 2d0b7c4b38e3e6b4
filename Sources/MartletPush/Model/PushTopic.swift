import Crypto

/// A collapse key: 1 to 32 characters of the base64url alphabet, which every service takes.
public struct PushTopic: Sendable, Hashable, CustomStringConvertible {
    /// The key as it is sent.
    public let description: String

    /// `nil` unless `text` has 1 to 32 characters of A…Z a…z 0…9 - _.
    public init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy(Base64URL.isLetter) else {
            return nil
        }
        description = text
    }

    /// The topic of what `name` names (a conversation, say), which tells the service nothing about
    /// the name without `secret`: the first 24 bytes of HMAC-SHA-256.
    public init(of name: [UInt8], secret: [UInt8]) {
        let code = HMAC<SHA256>.authenticationCode(for: name, using: SymmetricKey(data: secret))
        description = Base64URL.encode(Array(code).prefix(24))
    }
}
