import Logging
import MartletServer
import Testing

@Suite("The keys of an issuer")
struct JWTKeyTests {
    @Test("keys for other uses, of other kinds and secrets are left out")
    func others() async throws {
        let issuer = try IssuerFixture()
        let keys = try issuer.keys()
        let useless = [
            #"{"kty":"oct","kid":"h","k":"c2VjcmV0"}"#,
            #"{"kty":"EC","crv":"P-384","kid":"x","x":"AA","y":"AA"}"#,
            #"{"kty":"EC","crv":"P-256","kid":"y","x":"AA","y":"AA"}"#,
            #"{"kty":"RSA","kid":"s","n":"AQAB","e":"AQAB"}"#,
            #"{"kty":"RSA","kid":"t"}"#, "{}", "7", "[]",
            keys[0].replacing(#""use":"sig""#, with: #""use":"enc""#),
            keys[1].replacing(#""alg":"ES256""#, with: #""alg":"ES384""#),
        ]
        try issuer.write(useless + [keys[2]])
        let verifier = try await issuer.verifier()
        #expect(await issuer.fault(try issuer.edDSA(), verifier) == nil)
        #expect(await issuer.fault(try issuer.rs256(), verifier) == .key)
        #expect(await issuer.fault(try issuer.es256(), verifier) == .key)
        try issuer.write(useless)
        await #expect(throws: JWTFault.keyFile) { try await issuer.verifier() }
    }

    @Test("a file that is missing or no key set refuses to start")
    func start() async throws {
        let issuer = try IssuerFixture()
        for text in ["", "{}", "[]", #"{"keys":{}}"#, #"{"keys":[]}"#, "not json"] {
            try issuer.write(text: text)
            await #expect(throws: JWTFault.keyFile) { try await issuer.verifier() }
        }
        let nowhere = JWTConfiguration(
            issuer: "i", audience: "a", keysPath: issuer.path + ".missing")
        await #expect(throws: JWTFault.keyFile) {
            try await JWTVerifier(nowhere, logger: Logger(label: "test")) { 0 }
        }
    }

    @Test("a changed file is read within a second; a broken one changes nothing")
    func reload() async throws {
        let issuer = try IssuerFixture()
        let verifier = try await issuer.verifier()
        let old = try issuer.es256()
        #expect(await issuer.fault(old, verifier) == nil)
        try issuer.write(text: "half a fi")
        issuer.advance(seconds: 1)
        #expect(await issuer.fault(old, verifier) == nil)
        let next = try IssuerFixture()
        try issuer.write(try next.keys())
        issuer.advance(seconds: 1)
        #expect(await issuer.fault(old, verifier) == .signature)
        #expect(await issuer.fault(try next.es256(), verifier) == nil)
    }
}
