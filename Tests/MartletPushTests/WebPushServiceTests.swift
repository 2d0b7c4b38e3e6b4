import Crypto
import Testing

@testable import MartletPush

@Suite("Web Push against a service")
struct WebPushServiceTests {
    private func send(
        _ notice: PushNotice, _ answer: ServiceStandIn.Answer = .init(status: 201),
        key: VAPIDKey = VAPIDKey()
    ) async throws -> (PushOutcome, [ServiceStandIn.Request]) {
        try await PushFixture.with(script: { _ in answer }) { fixture in
            let web = WebPushTransport(
                client: fixture.client, key: key, subject: "mailto:a@b.example")
            let subscription = try TestKeys.webSubscription(
                "http://127.0.0.1:\(fixture.service.port)/p/1?q=2")
            let outcome = await web.send(notice, to: subscription)
            return (outcome, fixture.service.requests)
        }
    }

    @Test("the request has all that the standards ask for, and the browser reads it")
    func request() async throws {
        let key = VAPIDKey()
        let notice = PushNotice(
            payload: Array("{\"text\":\"Grüße\"}".utf8), topic: PushTopic("topic-1"), ttl: 3_600)
        let (outcome, requests) = try await send(notice, key: key)
        #expect(outcome == .accepted)
        let request = try #require(requests.first)
        #expect(request.method == "POST" && request.uri == "/p/1?q=2")
        #expect(request.headers["ttl"] == "3600")
        #expect(request.headers["urgency"] == "normal")
        #expect(request.headers["topic"] == "topic-1")
        #expect(request.headers["content-encoding"] == "aes128gcm")
        let authorization = request.headers["authorization"] ?? ""
        #expect(authorization.hasPrefix("vapid t=ey"))
        #expect(authorization.hasSuffix(", k=\(key.publicKey)"))
        #expect(try open(request.body) == notice.payload)
    }

    @Test("a bare notice has no body and says nothing of one")
    func bare() async throws {
        let notice = PushNotice(payload: [1], topic: PushTopic("t"), ttl: 0, urgency: .high)
        let (outcome, requests) = try await send(notice.bare)
        #expect(outcome == .accepted)
        let request = try #require(requests.first)
        #expect(request.body.isEmpty && request.headers["content-encoding"] == nil)
        #expect(request.headers["content-length"] == "0")
        #expect(request.headers["ttl"] == "0" && request.headers["urgency"] == "high")
    }

    @Test("what cannot fit is not even sent")
    func tooLarge() async throws {
        let notice = PushNotice(payload: [UInt8](repeating: 65, count: 3_994), ttl: 1)
        let (outcome, requests) = try await send(notice)
        #expect(outcome == .shrink && requests.isEmpty)
    }

    @Test("a service that calls nothing too large does not make us send it for ever")
    func nothingTooLarge() async throws {
        let notice = PushNotice(payload: [], ttl: 1)
        #expect(try await send(notice, .init(status: 413)).0.kind == "refused")
    }

    @Test("a rate limit comes with its delay")
    func rateLimit() async throws {
        let answer = ServiceStandIn.Answer(
            status: 429, headers: [("Retry-After", "120")], body: "slow down")
        let (outcome, _) = try await send(PushNotice(payload: [1], ttl: 1), answer)
        #expect(outcome == .retry(after: 120, scope: .host, reason: "status 429"))
    }

    @Test("tokens of other kinds are refused")
    func otherKinds() async throws {
        try await PushFixture.with(script: { _ in .init(status: 201) }) { fixture in
            let web = WebPushTransport(client: fixture.client, key: VAPIDKey(), subject: "x")
            let token = try PushSubscription.fcm(
                token: String(repeating: "a", count: 20), registeredAt: 0)
            #expect(await web.send(PushNotice(payload: [], ttl: 1), to: token).kind == "refused")
            let gateway = PushGateway(web: web)
            #expect(gateway.serves(.web) && !gateway.serves(.fcm))
            #expect(
                await gateway.send(PushNotice(payload: [], ttl: 1), to: token).kind == "refused")
        }
    }

    /// Decrypts as the browser of RFC 8291 §5 would.
    private func open(_ body: [UInt8]) throws -> [UInt8] {
        let scalar = try #require(Base64URL.decode(TestKeys.browserPrivateKey))
        let auth = try #require(Base64URL.decode(TestKeys.browserAuth))
        let browser = try P256.KeyAgreement.PrivateKey(rawRepresentation: scalar)
        let salt = Array(body[..<16])
        let sender = Array(body[21..<86])
        let shared = try browser.sharedSecretFromKeyAgreement(
            with: P256.KeyAgreement.PublicKey(x963Representation: sender))
        let material = shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: auth,
            sharedInfo: Array("WebPush: info\0".utf8)
                + Array(browser.publicKey.x963Representation) + sender, outputByteCount: 32)
        let contentKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, salt: salt,
            info: Array("Content-Encoding: aes128gcm\0".utf8), outputByteCount: 16)
        let nonce = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: material, salt: salt,
            info: Array("Content-Encoding: nonce\0".utf8), outputByteCount: 12)
        let box = try AES.GCM.SealedBox(
            nonce: nonce.withUnsafeBytes { try AES.GCM.Nonce(data: Array($0)) },
            ciphertext: body[86..<(body.count - 16)], tag: body.suffix(16))
        let plain = Array(try AES.GCM.open(box, using: contentKey))
        #expect(plain.last == 2)
        return plain.dropLast()
    }
}
