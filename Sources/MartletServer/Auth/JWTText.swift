/// A JSON Web Token taken apart (RFC 7515, compact form), nothing of it believed yet.
package struct JWTText: Sendable {
    /// The algorithms on the list. There is no `none`, and none with a shared secret: a public key
    /// can never be taken for one.
    package enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
        case edDSA = "EdDSA"
    }

    /// Bytes of a token, at most.
    package static let maxBytes = 8_192
    /// Nesting of its JSON, at most.
    private static let maxDepth = 8

    package let algorithm: Algorithm
    package let keyID: String?
    /// What the signature covers.
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]
    private let payload: [UInt8]

    /// Whether a text may be one, and cannot be a token made here.
    package static func looksLike(_ token: String) -> Bool { token.utf8.contains(0x2e) }

    package init(_ token: String) throws(JWTFault) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.maxBytes else { throw .malformed }
        let parts = bytes.split(separator: 0x2e, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        self.payload = payload
        self.signature = signature
        signed = bytes[..<parts[1].endIndex]
        let fields = try Self.fields(header, ["alg", "kid", "crit"])
        guard fields["crit"] == nil, case .string(let name) = fields["alg"],
            let algorithm = Algorithm(rawValue: name)
        else { throw .algorithm }
        self.algorithm = algorithm
        switch fields["kid"] {
        case nil: keyID = nil
        case .string(let id): keyID = id
        default: throw .malformed
        }
    }

    /// The claims, which are true if the signature is. Times are seconds since 1970.
    struct Claims: Sendable {
        var issuer: String?
        var subject: String?
        var audiences: [String] = []
        var expiresAt: Int64?
        var notBefore: Int64?
    }

    func claims() throws(JWTFault) -> Claims {
        let fields = try Self.fields(payload, ["iss", "sub", "aud", "exp", "nbf"])
        var claims = Claims()
        claims.issuer = try fields["iss"]?.text()
        claims.subject = try fields["sub"]?.text()
        claims.expiresAt = try fields["exp"]?.time()
        claims.notBefore = try fields["nbf"]?.time()
        switch fields["aud"] {
        case nil: break
        case .string(let audience): claims.audiences = [audience]
        case .strings(let audiences): claims.audiences = audiences
        default: throw .malformed
        }
        return claims
    }

    // MARK: JSON

    private enum Field {
        case string(String)
        case strings([String])
        case integer(Int64)
        case other

        func text() throws(JWTFault) -> String {
            guard case .string(let text) = self else { throw .malformed }
            return text
        }

        /// Up to the year 9999.
        func time() throws(JWTFault) -> Int64 {
            guard case .integer(let time) = self, 0..<253_402_300_800 ~= time else {
                throw .malformed
            }
            return time
        }
    }

    /// The named members of one JSON object; twice the same name is malformed.
    private static func fields(
        _ json: [UInt8], _ names: Set<String>
    ) throws(JWTFault) -> [String: Field] {
        let fields: [String: Field]? = json.withUnsafeBytes { bytes in
            try? read(bytes, names)
        }
        guard let fields else { throw .malformed }
        return fields
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, _ names: Set<String>
    ) throws(JSONError) -> [String: Field] {
        var reader = try JSONReader(bytes, maxDepth: maxDepth)
        guard try reader.next() == .beginObject else { throw JSONError(.unexpectedByte, at: 0) }
        var fields: [String: Field] = [:]
        while case .key(let name) = try reader.next() {
            let first = try reader.next()
            let value = try field(first, &reader)
            if names.contains(name) { fields[name] = value }
        }
        _ = try reader.next()
        return fields
    }

    private static func field(
        _ first: JSONReader.Token, _ reader: inout JSONReader
    ) throws(JSONError) -> Field {
        switch first {
        case .string(let text): return .string(text)
        case .integer(let number): return .integer(number)
        case .beginArray:
            var texts: [String] = []
            var areTexts = true
            while true {
                let token = try reader.next()
                if token == .endArray { break }
                if case .string(let text) = token {
                    texts.append(text)
                } else {
                    areTexts = false
                    try reader.skip(token)
                }
            }
            return areTexts ? .strings(texts) : .other
        default:
            try reader.skip(first)
            return .other
        }
    }
}
