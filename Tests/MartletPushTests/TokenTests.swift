import Crypto
import CryptoExtras
import FoundationEssentials
import Testing

@testable import MartletPush

@Suite("Signed tokens")
struct TokenTests {
    struct Claims: Decodable {
        var aud: String?
        var sub: String?
        var exp: UInt64?
        var iss: String?
        var iat: UInt64?
        var scope: String?
    }
    struct Head: Decodable {
        var alg: String
        var typ: String
        var kid: String?
    }

    private func parts(_ token: String) throws -> (head: Head, claims: Claims, signature: [UInt8]) {
        let parts = token.split(separator: ".").map { Base64URL.decode(String($0)) ?? [] }
        try #require(parts.count == 3)
        return (
            try JSONDecoder().decode(Head.self, from: Data(parts[0])),
            try JSONDecoder().decode(Claims.self, from: Data(parts[1])), parts[2]
        )
    }

    private func signed(_ token: String) -> [UInt8] {
        Array(token.split(separator: ".").prefix(2).joined(separator: ".").utf8)
    }

    @Test("Web Push: audience, end within a day, subject, and a signature that holds")
    func vapid() throws {
        let key = VAPIDKey()
        var tokens = VAPIDTokens(key: key, subject: "mailto:admin@chat.example")
        let text = try tokens.token(for: "https://push.test", now: 1_000)
        let token = try parts(text)
        #expect(token.head.alg == "ES256" && token.head.typ == "JWT")
        #expect(token.claims.aud == "https://push.test")
        #expect(token.claims.sub == "mailto:admin@chat.example")
        #expect(token.claims.exp == 1_000 + 12 * 3_600)
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: token.signature)
        #expect(key.signing.publicKey.isValidSignature(signature, for: signed(text)))
    }

    @Test("Web Push: a token is used for eleven hours, and for its origin only")
    func vapidCache() throws {
        var tokens = VAPIDTokens(key: VAPIDKey(), subject: "mailto:a@b.example")
        let first = try tokens.token(for: "https://one.test", now: 0)
        #expect(try tokens.token(for: "https://one.test", now: 11 * 3_600 - 1) == first)
        #expect(try tokens.token(for: "https://two.test", now: 0) != first)
        #expect(try tokens.token(for: "https://one.test", now: 11 * 3_600) != first)
    }

    @Test("Web Push: a clock that went back, or a thousand origins, do no harm")
    func vapidOdds() throws {
        var tokens = VAPIDTokens(key: VAPIDKey(), subject: "mailto:a@b.example")
        let late = try tokens.token(for: "https://one.test", now: 100_000)
        let early = try tokens.token(for: "https://one.test", now: 50_000)
        let end = try parts(early).claims.exp
        #expect(end == 50_000 + 12 * 3_600 && early != late)
        for index in 0..<1_000 {
            _ = try tokens.token(for: "https://\(index).test", now: 50_000)
        }
    }

    @Test("the key comes back from its text, and nothing else is a key")
    func vapidKey() throws {
        let key = VAPIDKey()
        #expect(VAPIDKey(privateKey: key.privateKey)?.publicKey == key.publicKey)
        #expect(Base64URL.decode(key.publicKey)?.count == 65)
        for text in ["", "AAAA", String(repeating: "A", count: 43), "no key at all"] {
            #expect(VAPIDKey(privateKey: text) == nil)
        }
    }

    @Test("APNs: team, key id and time, and a signature that holds")
    func provider() throws {
        let key = P256.Signing.PrivateKey()
        var tokens = ProviderTokens(key: key, keyID: "KEY1234567", team: "TEAM123456")
        let issued = try tokens.token(now: 5_000)
        let token = try parts(issued.text)
        #expect(token.head.alg == "ES256" && token.head.kid == "KEY1234567")
        #expect(token.claims.iss == "TEAM123456" && token.claims.iat == 5_000)
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: token.signature)
        #expect(key.publicKey.isValidSignature(signature, for: signed(issued.text)))
    }

    @Test("APNs: a new token between the 20th and the 60th minute, never sooner")
    func providerAge() throws {
        var tokens = ProviderTokens(key: P256.Signing.PrivateKey(), keyID: "K", team: "T")
        let first = try tokens.token(now: 0)
        #expect(try tokens.token(now: 50 * 60 - 1) == first)
        #expect(try tokens.token(after: first, now: 20 * 60 - 1) == nil)
        let second = try #require(try tokens.token(after: first, now: 20 * 60))
        #expect(second != first)
        #expect(try tokens.token(after: first, now: 20 * 60 + 1) == second)
        #expect(try tokens.token(now: 70 * 60).issuedAt == 70 * 60)
    }

    @Test("FCM: who asks, for what, where, for an hour, and a signature that holds")
    func assertion() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let account = try ServiceAccount(json: FCMServiceTests.account(key, tokenURL: nil))
        let text = try account.assertion(now: 7)
        let token = try parts(text)
        #expect(token.head.alg == "RS256" && token.head.kid == "key-1")
        #expect(token.claims.iss == "martlet@project-1.iam.gserviceaccount.com")
        #expect(token.claims.scope == "https://www.googleapis.com/auth/firebase.messaging")
        #expect(token.claims.aud == "https://oauth2.googleapis.com/token")
        #expect(token.claims.iat == 7 && token.claims.exp == 3_607)
        let signature = _RSA.Signing.RSASignature(rawRepresentation: token.signature)
        #expect(
            key.publicKey.isValidSignature(
                signature, for: signed(text), padding: .insecurePKCS1v1_5))
    }

    @Test("what is no service account is refused")
    func accounts() throws {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let good = String(decoding: FCMServiceTests.account(key, tokenURL: nil), as: UTF8.self)
        for bad in [
            "", "{}", "[]", good.replacing("BEGIN PRIVATE", with: "BEGIN PUBLIC"),
            good.replacing("project-1\"", with: "a/../b\""),
        ] {
            #expect(throws: ServiceAccount.Malformed.self) {
                try ServiceAccount(json: Array(bad.utf8))
            }
        }
    }
}
