import Crypto
import JWTKit

/// The public keys of a JSON Web Key Set (RFC 7517) that can verify by the listed algorithms.
/// Others in the set are left out, as the RFC demands.
package struct JSONWebKeys: Sendable {
    struct Key: Sendable {
        var id: String?
        var algorithm: JWTText.Algorithm
        var verifier: any JWTAlgorithm
    }

    /// Keys of a set, at most.
    private static let maxKeys = 64

    let keys: [Key]

    /// - Throws: `.keyFile` if it is no key set, or has no key that can be used.
    package init(_ json: [UInt8]) async throws(JWTFault) {
        let members = json.withUnsafeBytes { try? Self.read($0) }
        guard let members else { throw .keyFile }
        var keys: [Key] = []
        for member in members.prefix(Self.maxKeys) {
            guard let algorithm = Self.algorithm(member),
                let verifier = try? await Self.verifier(algorithm, member)
            else { continue }
            keys.append(Key(id: member["kid"], algorithm: algorithm, verifier: verifier))
        }
        guard !keys.isEmpty else { throw .keyFile }
        self.keys = keys
    }

    /// The keys that may have signed: of the token's algorithm, and of its `kid` if it names one.
    func candidates(for token: JWTText) -> [Key] {
        keys.filter { key in
            key.algorithm == token.algorithm && (token.keyID == nil || key.id == token.keyID)
        }
    }

    /// Which algorithm a key is for: its type and curve decide, and what it says must agree.
    private static func algorithm(_ member: [String: String]) -> JWTText.Algorithm? {
        let algorithm: JWTText.Algorithm
        switch (member["kty"], member["crv"]) {
        case ("RSA", nil): algorithm = .rs256
        case ("EC", "P-256"): algorithm = .es256
        case ("OKP", "Ed25519"): algorithm = .edDSA
        default: return nil
        }
        if let named = member["alg"], named != algorithm.rawValue { return nil }
        if let use = member["use"], use != "sig" { return nil }
        return algorithm
    }

    private static func verifier(
        _ algorithm: JWTText.Algorithm, _ member: [String: String]
    ) async throws -> any JWTAlgorithm {
        let one = JWTKeyCollection()
        switch algorithm {
        case .rs256:
            let key = try Insecure.RSA.PublicKey(
                modulus: member["n"] ?? "", exponent: member["e"] ?? "")
            await one.add(rsa: key, digestAlgorithm: .sha256)
        case .es256:
            let key = try ES256PublicKey(parameters: (member["x"] ?? "", member["y"] ?? ""))
            await one.add(ecdsa: key)
        case .edDSA:
            let key = try EdDSA.PublicKey(x: member["x"] ?? "", curve: .ed25519)
            await one.add(eddsa: key)
        }
        return try await one.getKey()
    }

    // MARK: JSON

    /// The text members of each element of `keys`.
    private static func read(
        _ bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> [[String: String]] {
        var reader = try JSONReader(bytes)
        guard try reader.next() == .beginObject else { throw JSONError(.unexpectedByte, at: 0) }
        var found: [[String: String]] = []
        while case .key(let name) = try reader.next() {
            let first = try reader.next()
            guard name == "keys", first == .beginArray else {
                try reader.skip(first)
                continue
            }
            while true {
                let token = try reader.next()
                if token == .endArray { break }
                if token == .beginObject {
                    found.append(try members(&reader))
                } else {
                    try reader.skip(token)
                }
            }
        }
        _ = try reader.next()
        return found
    }

    private static func members(_ reader: inout JSONReader) throws(JSONError) -> [String: String] {
        var members: [String: String] = [:]
        while case .key(let name) = try reader.next() {
            let first = try reader.next()
            if case .string(let text) = first {
                members[name] = text
            } else {
                try reader.skip(first)
            }
        }
        return members
    }
}
