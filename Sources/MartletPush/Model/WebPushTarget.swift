import Crypto

/// A Web Push subscription's fields.
struct WebPushTarget: Sendable, Hashable {
    static let keyBytes = 65
    static let authBytes = 16

    var endpoint: PushURL
    /// An uncompressed point on P-256.
    var key: [UInt8]
    var auth: [UInt8]

    /// Whether `key` is an uncompressed point on P-256 (RFC 8291 §7: a point off the curve would
    /// give our private key away).
    static func isPoint(_ key: [UInt8]) -> Bool {
        guard key.count == keyBytes, key.first == 4 else { return false }
        return (try? P256.KeyAgreement.PublicKey(x963Representation: key)) != nil
    }
}
