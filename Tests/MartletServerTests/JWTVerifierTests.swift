import Crypto
import Foundation
import MartletChat
import MartletServer
import Testing

@Suite("Tokens of an issuer")
struct JWTVerifierTests {
    private let issuer: IssuerFixture
    private let verifier: JWTVerifier

    init() async throws {
        issuer = try IssuerFixture()
        verifier = try await issuer.verifier()
    }

    private func fault(_ token: String) async -> JWTFault? {
        await issuer.fault(token, verifier)
    }

    private func fault(_ change: (inout [String: Any]) -> Void) async throws -> JWTFault? {
        await fault(try issuer.edDSA(IssuerFixture.claims(change)))
    }

    @Test("each listed algorithm opens the subject's session until exp and the leeway")
    func accepted() async throws {
        for token in [try issuer.rs256(), try issuer.es256(), try issuer.edDSA()] {
            let login = try await verifier.login(token)
            #expect(login.name == "ann" && login.credential == token)
            #expect(login.endsAt == UInt64(IssuerFixture.now + 660) * 1_000_000)
            #expect(!login.makesAccount && !login.opensAccountsWithPassword)
        }
    }

    @Test("no kid will do where a key of the algorithm fits")
    func noKeyID() async throws {
        #expect(await fault(try issuer.edDSA(header: #"{"alg":"EdDSA"}"#)) == nil)
    }

    @Test("none, shared secrets and other algorithms are refused, whatever signs them")
    func algorithms() async throws {
        let secret = SymmetricKey(data: Data(try issuer.keys()[0].utf8))
        let modulus = SymmetricKey(data: try issuer.modulus)
        for name in [
            "none", "None", "NONE", "", "HS256", "HS512", "RS512", "PS256", "ES384", "es256",
        ] {
            let header = #"{"alg":"\#(name)","kid":"r"}"#
            for key in [secret, modulus] {
                let token = try issuer.signed(header, IssuerFixture.claims) {
                    Data(HMAC<SHA256>.authenticationCode(for: $0, using: key))
                }
                #expect(await fault(token) == .algorithm, "\(name)")
            }
            let unsigned = try issuer.signed(header, IssuerFixture.claims) { _ in Data() }
            #expect(await fault(unsigned) == .algorithm, "\(name)")
        }
        #expect(await fault(try issuer.edDSA(header: "{}")) == .algorithm)
        #expect(await fault(try issuer.edDSA(header: #"{"alg":1}"#)) == .algorithm)
        let critical = #"{"alg":"EdDSA","kid":"d","crit":["b64"],"b64":false}"#
        #expect(await fault(try issuer.edDSA(header: critical)) == .algorithm)
    }

    @Test("a key is used for its own algorithm and kid alone")
    func keys() async throws {
        for header in [
            #"{"alg":"EdDSA","kid":"r"}"#, #"{"alg":"EdDSA","kid":"e"}"#,
            #"{"alg":"EdDSA","kid":"x"}"#, #"{"alg":"RS256","kid":"d"}"#,
        ] {
            #expect(await fault(try issuer.edDSA(header: header)) == .key)
        }
        let wrongAlgorithm = try issuer.edDSA(header: #"{"alg":"ES256","kid":"e"}"#)
        #expect(await fault(wrongAlgorithm) == .signature)
    }

    @Test("what was changed after the signing is refused")
    func signatures() async throws {
        for token in [try issuer.rs256(), try issuer.es256(), try issuer.edDSA()] {
            var parts = token.split(separator: ".").map(String.init)
            let payload = parts[1]
            let other = try IssuerFixture.claims { $0["sub"] = "bea" }
            parts[1] = IssuerFixture.text(Data(other.utf8))
            #expect(await fault(parts.joined(separator: ".")) == .signature)
            parts[1] = payload
            for signature in ["", "AAAA", parts[2] + "AAAA", String(parts[2].dropFirst(4))] {
                parts[2] = signature
                #expect(await fault(parts.joined(separator: ".")) == .signature)
            }
        }
        let stranger = try IssuerFixture()
        #expect(await fault(try stranger.es256()) == .signature)
    }

    @Test("issuer and audience must be the configured ones")
    func names() async throws {
        #expect(try await fault { $0["iss"] = nil } == .issuer)
        #expect(try await fault { $0["iss"] = "https://id.example/" } == .issuer)
        #expect(try await fault { $0["aud"] = nil } == .audience)
        #expect(try await fault { $0["aud"] = "other" } == .audience)
        #expect(try await fault { $0["aud"] = ["other"] } == .audience)
        #expect(try await fault { $0["aud"] = [String]() } == .audience)
        #expect(try await fault { $0["aud"] = ["other", "martlet"] } == nil)
        #expect(try await fault { $0["aud"] = ["martlet", 1] as [Any] } == .malformed)
        #expect(try await fault { $0["sub"] = nil } == .subject)
        #expect(try await fault { $0["sub"] = 7 } == .malformed)
    }

    @Test("exp is demanded, and both times have a minute's leeway, to the second")
    func times() async throws {
        let now = IssuerFixture.now
        #expect(try await fault { $0["exp"] = nil } == .expired)
        #expect(try await fault { $0["exp"] = now - 59 } == nil)
        #expect(try await fault { $0["exp"] = now - 60 } == .expired)
        #expect(try await fault { $0["nbf"] = now + 60 } == nil)
        #expect(try await fault { $0["nbf"] = now + 61 } == .tooEarly)
        for exp in [-1, Int64.max, 253_402_300_800] {
            #expect(try await fault { $0["exp"] = exp } == .malformed)
        }
        #expect(try await fault { $0["exp"] = "1800000000" } == .malformed)
        #expect(try await fault { $0["exp"] = 1_800_000_000.5 } == .malformed)
        issuer.advance(seconds: 660)
        #expect(await fault(try issuer.edDSA()) == .expired)
    }

    @Test("what is not three parts of strict base64url with JSON in them is malformed")
    func malformed() async throws {
        let token = try issuer.edDSA()
        for text in [
            "", ".", "..", "a.b", token + ".", token + ".x", "=" + token, token + "=",
            token.replacingOccurrences(of: ".", with: ".="), " " + token,
            String(repeating: "A", count: JWTText.maxBytes) + ".A.A",
        ] {
            #expect(await fault(text) == .malformed)
        }
        let twice = #"{"alg":"EdDSA","alg":"EdDSA","kid":"d"}"#
        #expect(await fault(try issuer.edDSA(header: twice)) == .malformed)
        let subjects = IssuerFixture.claims.dropLast() + #","sub":"bea"}"#
        #expect(await fault(try issuer.edDSA(String(subjects))) == .malformed)
        #expect(await fault(try issuer.edDSA("[]")) == .malformed)
        #expect(await fault(try issuer.edDSA(header: #"{"alg":"EdDSA","kid":1}"#)) == .malformed)
    }
}
