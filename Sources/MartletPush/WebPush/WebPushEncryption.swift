import Crypto

/// Message encryption for Web Push (RFC 8291) in the `aes128gcm` coding (RFC 8188): one record.
enum WebPushEncryption {
    /// Salt, record size, key length, key.
    static let headBytes = 16 + 4 + 1 + WebPushTarget.keyBytes
    /// What services must take (RFC 8030 §7.2), with a record's closing byte and its tag.
    static let plaintextMax = 4_096 - headBytes - 1 - 16
    private static let recordBytes: UInt32 = 4_096

    /// Seals with a key pair and a salt of this message alone.
    static func seal(_ plaintext: [UInt8], for target: WebPushTarget) throws -> [UInt8] {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }
        return try seal(plaintext, for: target, with: P256.KeyAgreement.PrivateKey(), salt: salt)
    }

    static func seal(
        _ plaintext: [UInt8], for target: WebPushTarget, with key: P256.KeyAgreement.PrivateKey,
        salt: [UInt8]
    ) throws -> [UInt8] {
        let receiver = try P256.KeyAgreement.PublicKey(x963Representation: target.key)
        let sender = Array(key.publicKey.x963Representation)
        let shared = try key.sharedSecretFromKeyAgreement(with: receiver)
        let material = shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: target.auth,
            sharedInfo: Array("WebPush: info\0".utf8) + target.key + sender, outputByteCount: 32)
        let contentKey = derive("Content-Encoding: aes128gcm\0", 16, material, salt)
        let nonce = derive("Content-Encoding: nonce\0", 12, material, salt)
        // The closing byte says that this record is the last one.
        let box = try AES.GCM.seal(
            plaintext + [2], using: contentKey,
            nonce: nonce.withUnsafeBytes { try AES.GCM.Nonce(data: Array($0)) })
        var body = salt
        body.append(big: recordBytes)
        body.append(UInt8(sender.count))
        body += sender
        body += box.ciphertext
        body += box.tag
        return body
    }

    private static func derive(
        _ info: String, _ count: Int, _ material: SymmetricKey, _ salt: [UInt8]
    ) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, salt: salt, info: Array(info.utf8), outputByteCount: count)
    }
}
