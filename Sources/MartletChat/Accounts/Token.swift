import Crypto
import MartletStore

/// A login's token: 256 random bits in unpadded base64url. Only its SHA-256 is stored.
struct Token: Hashable, Sendable {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    let text: String

    init(_ text: String) {
        self.text = text
    }

    /// A new token.
    init(_ random: any RandomSource) {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes.withUnsafeMutableBytes { random.fill($0) }
        text = Self.base64url(bytes)
    }

    /// What the store knows of the token.
    var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    static func base64url(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (held, bits) = (UInt32(0), UInt32(0))
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(digits[Int(held >> bits & 63)])
            }
        }
        if bits > 0 { text.append(digits[Int(held << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
