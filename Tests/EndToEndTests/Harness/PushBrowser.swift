import Crypto
import Foundation
import MartletHarness

/// What a browser does for Web Push: it makes a subscription's keys, and opens what comes (RFC 8291
/// in RFC 8188's form). Written from the RFCs alone.
struct PushBrowser {
    private let key = P256.KeyAgreement.PrivateKey()
    private let auth = (0..<16).map { _ in UInt8.random(in: 0...255) }

    /// The body of `subscribe`.
    func subscription(_ endpoint: String) -> JSON {
        [
            "kind": "web", "endpoint": .string(endpoint),
            "p256dh": .string(Self.base64URL(Array(key.publicKey.x963Representation))),
            "auth": .string(Self.base64URL(auth)), "text": .bool(true),
        ]
    }

    /// The JSON that a push carries.
    func open(_ request: PushStandIn.Request) throws -> JSON {
        let body = request.body
        // salt (16), record size (4), length of the key id (1), the sender's public key.
        guard request.headers["content-encoding"] == "aes128gcm", body.count > 86, body[20] == 65
        else { throw HarnessError("no aes128gcm body: \(request.headers)") }
        let sender = Array(body[21..<86])
        let secret = try key.sharedSecretFromKeyAgreement(
            with: P256.KeyAgreement.PublicKey(x963Representation: sender))
        let info =
            Array("WebPush: info\0".utf8) + Array(key.publicKey.x963Representation) + sender
        let input = secret.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: auth, sharedInfo: info, outputByteCount: 32)
        let salt = Array(body[..<16])
        let contentKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: input, salt: salt,
            info: Array("Content-Encoding: aes128gcm\0".utf8), outputByteCount: 16)
        let nonce = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: input, salt: salt, info: Array("Content-Encoding: nonce\0".utf8),
            outputByteCount: 12
        ).withUnsafeBytes { Array($0) }
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: nonce), ciphertext: body[86..<(body.count - 16)],
            tag: body.suffix(16))
        var plain = Array(try AES.GCM.open(box, using: contentKey))
        // The last record ends with 2 and zeros.
        while plain.last == 0 { plain.removeLast() }
        guard plain.popLast() == 2 else { throw HarnessError("no delimiter") }
        return try JSON.parse(String(decoding: plain, as: UTF8.self))
    }

    /// The claims of a request's VAPID token, whose signature is verified with `serverKey`.
    static func claims(_ request: PushStandIn.Request, serverKey: String) throws -> JSON {
        let header = request.headers["authorization"] ?? ""
        let fields = header.dropFirst("vapid ".count).split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard header.hasPrefix("vapid "),
            let token = fields.first(where: { $0.hasPrefix("t=") })?.dropFirst(2),
            fields.contains("k=\(serverKey)")
        else { throw HarnessError("no VAPID: \(header)") }
        let parts = token.split(separator: ".").map(String.init)
        guard parts.count == 3 else { throw HarnessError("no token: \(token)") }
        let key = try P256.Signing.PublicKey(x963Representation: bytes(serverKey))
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: bytes(parts[2]))
        guard key.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)) else {
            throw HarnessError("the token's signature is wrong")
        }
        let head = try JSON.parse(String(decoding: try bytes(parts[0]), as: UTF8.self))
        guard head["alg"] == "ES256" else { throw HarnessError("\(head)") }
        return try JSON.parse(String(decoding: try bytes(parts[1]), as: UTF8.self))
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    private static func bytes(_ text: String) throws -> Data {
        var standard = text.replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        while standard.utf8.count % 4 != 0 { standard += "=" }
        guard let data = Data(base64Encoded: standard) else {
            throw HarnessError("no base64url: \(text)")
        }
        return data
    }
}
