import Crypto
import CryptoExtras
import Foundation
import Logging
import MartletChat
import MartletServer
import MartletSimulation
import Testing

/// An issuer with a key of each kind, its file of keys, and a verifier of it. Signs whatever it is
/// told to, right or wrong.
final class IssuerFixture: Sendable {
    static let now: Int64 = 1_700_000_000

    let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("martlet-keys-\(UUID().uuidString).json").path
    let rsa: _RSA.Signing.PrivateKey
    let p256 = P256.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()
    let clock = SimulatedClock(UInt64(IssuerFixture.now) * 1_000_000)

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        try write(try keys())
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var configuration: JWTConfiguration {
        JWTConfiguration(issuer: "https://id.example", audience: "martlet", keysPath: path)
    }

    func verifier(_ changed: JWTConfiguration? = nil) async throws -> JWTVerifier {
        let configuration = changed ?? configuration
        return try await JWTVerifier(configuration, logger: Logger(label: "test")) { [clock] in
            clock.now()
        }
    }

    func advance(seconds: UInt64) { clock.advance(microseconds: seconds * 1_000_000) }

    // MARK: Keys

    var modulus: Data {
        get throws { try rsa.publicKey.getKeyPrimitives().modulus }
    }

    /// The three public keys, as the issuer publishes them.
    func keys() throws -> [String] {
        let parts = try rsa.publicKey.getKeyPrimitives()
        let point = p256.publicKey.rawRepresentation
        return [
            #"{"kty":"RSA","kid":"r","use":"sig","n":"\#(Self.text(parts.modulus))","#
                + #""e":"\#(Self.text(parts.publicExponent))"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"e","alg":"ES256","#
                + #""x":"\#(Self.text(point.prefix(32)))","y":"\#(Self.text(point.suffix(32)))"}"#,
            #"{"kty":"OKP","crv":"Ed25519","kid":"d","#
                + #""x":"\#(Self.text(ed25519.publicKey.rawRepresentation))"}"#,
        ]
    }

    func write(_ keys: [String]) throws {
        try write(text: #"{"keys":["# + keys.joined(separator: ",") + "]}")
    }

    func write(text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    // MARK: Tokens

    static let claims =
        #"{"iss":"https://id.example","aud":"martlet","sub":"ann","exp":\#(now + 600)}"#

    static func claims(_ change: (inout [String: Any]) -> Void) throws -> String {
        var fields: [String: Any] = [
            "iss": "https://id.example", "aud": "martlet", "sub": "ann", "exp": now + 600,
        ]
        change(&fields)
        return String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
    }

    func rs256(_ claims: String = claims, kid: String = "r") throws -> String {
        try signed(#"{"alg":"RS256","kid":"\#(kid)"}"#, claims) { [rsa] in
            try rsa.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5)
                .rawRepresentation
        }
    }

    func es256(_ claims: String = claims, header: String? = nil) throws -> String {
        try signed(header ?? #"{"alg":"ES256","kid":"e"}"#, claims) { [p256] in
            try p256.signature(for: $0).rawRepresentation
        }
    }

    func edDSA(_ claims: String = claims, header: String? = nil) throws -> String {
        try signed(header ?? #"{"alg":"EdDSA","kid":"d"}"#, claims) { [ed25519] in
            try ed25519.signature(for: $0)
        }
    }

    func signed(
        _ header: String, _ claims: String, _ sign: (Data) throws -> Data
    ) throws -> String {
        let text = Self.text(Data(header.utf8)) + "." + Self.text(Data(claims.utf8))
        return text + "." + Self.text(try sign(Data(text.utf8)))
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    /// Why a token is refused; nil if it is not.
    func fault(_ token: String, _ verifier: JWTVerifier) async -> JWTFault? {
        do throws(JWTFault) {
            _ = try await verifier.login(token)
            return nil
        } catch {
            return error
        }
    }
}
