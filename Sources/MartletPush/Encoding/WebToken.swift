import Crypto
import CryptoExtras

/// Signed JSON web tokens (RFC 7519) in the compact form.
enum WebToken {
    /// Signs with ES256.
    static func sign(
        _ claims: JSONText, keyID: String? = nil, with key: P256.Signing.PrivateKey
    ) throws -> String {
        let head = JSONText.object([
            "alg": .string("ES256"), "typ": .string("JWT"), "kid": keyID.map(JSONText.string),
        ])
        let signed = unsigned(head, claims)
        return signed + "."
            + Base64URL.encode(try key.signature(for: Array(signed.utf8)).rawRepresentation)
    }

    /// Signs with RS256.
    static func sign(
        _ claims: JSONText, keyID: String?, with key: _RSA.Signing.PrivateKey
    ) throws -> String {
        let head = JSONText.object([
            "alg": .string("RS256"), "typ": .string("JWT"), "kid": keyID.map(JSONText.string),
        ])
        let signed = unsigned(head, claims)
        let signature = try key.signature(
            for: Array(signed.utf8), padding: .insecurePKCS1v1_5)
        return signed + "." + Base64URL.encode(signature.rawRepresentation)
    }

    private static func unsigned(_ head: JSONText, _ claims: JSONText) -> String {
        Base64URL.encode(head.bytes) + "." + Base64URL.encode(claims.bytes)
    }
}
