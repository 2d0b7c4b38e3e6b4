import Crypto

/// The key pair by which push services know this server (RFC 8292). One for the server's life: a
/// browser's subscription is bound to it.
public struct VAPIDKey: Sendable {
    let signing: P256.Signing.PrivateKey

    /// A new key.
    public init() { signing = P256.Signing.PrivateKey() }

    /// Reads `privateKey`: 32 bytes in base64url. `nil` where it is none.
    public init?(privateKey: String) {
        guard let bytes = Base64URL.decode(privateKey),
            let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes)
        else { return nil }
        signing = key
    }

    /// The private key, to be stored: 32 bytes in base64url. A secret.
    public var privateKey: String { Base64URL.encode(signing.rawRepresentation) }

    /// What browsers subscribe with (`applicationServerKey`): an uncompressed point in base64url.
    public var publicKey: String { Base64URL.encode(signing.publicKey.x963Representation) }
}
