import Testing

@testable import MartletPush

@Suite("A subscription")
struct SubscriptionTests {
    private static let endpoint = "https://push.test/abc?d=e"

    private func web(
        endpoint: String = endpoint, key: String = TestKeys.browserKey,
        auth: String = TestKeys.browserAuth
    ) throws -> PushSubscription {
        try .web(endpoint: endpoint, p256dh: key, auth: auth, registeredAt: 7)
    }

    @Test("all kinds come back from their bytes")
    func coding() throws {
        let all = [
            try web(), try .apns(token: String(repeating: "aB", count: 32), registeredAt: 9),
            try .fcm(token: "dEf-gh_ij:APA91b.kl0123", registeredAt: .max),
        ]
        for subscription in all {
            let bytes = subscription.encoded()
            #expect(PushSubscription(bytes) == subscription)
            for count in bytes.indices { #expect(PushSubscription(Array(bytes[..<count])) == nil) }
            #expect(PushSubscription(bytes + [0]) == nil)
            #expect(PushSubscription([2] + bytes[1...]) == nil)
        }
        #expect(all.map(\.service) == ["https://push.test", "apns", "fcm"])
    }

    @Test("a point off the curve is refused")
    func offCurve() throws {
        var point = try #require(Base64URL.decode(TestKeys.browserKey))
        point[64] ^= 1
        #expect(throws: PushSubscriptionError.key) { try web(key: Base64URL.encode(point)) }
    }

    @Test("a compressed point, a short one and the point at infinity are refused")
    func otherPoints() throws {
        let point = try #require(Base64URL.decode(TestKeys.browserKey))
        let compressed = [2 | point[64] & 1] + point[1...32]
        let zeros = [4] + [UInt8](repeating: 0, count: 64)
        for bytes in [Array(compressed), Array(point[..<64]), point + [0], zeros, [0], []] {
            #expect(throws: PushSubscriptionError.key) { try web(key: Base64URL.encode(bytes)) }
        }
    }

    @Test("a secret of another length than 16 bytes is refused", arguments: [0, 15, 17, 32])
    func secrets(_ count: Int) {
        let auth = Base64URL.encode([UInt8](repeating: 1, count: count))
        #expect(throws: PushSubscriptionError.auth) { try web(auth: auth) }
    }

    @Test(
        "tokens of APNs are hex",
        arguments: [
            "", "abcd", String(repeating: "g", count: 64), String(repeating: "a", count: 63),
        ])
    func apnsTokens(_ token: String) {
        #expect(throws: PushSubscriptionError.token) {
            try PushSubscription.apns(token: token, registeredAt: 0)
        }
    }

    @Test(
        "tokens of FCM are plain letters",
        arguments: [
            "", "short", "has a space in it ....", "with/slashes/../and/so/on",
            "\"quotes\"quotes\"quotes",
        ])
    func fcmTokens(_ token: String) {
        #expect(throws: PushSubscriptionError.token) {
            try PushSubscription.fcm(token: token, registeredAt: 0)
        }
    }

    @Test("plain http is refused unless tests ask for it")
    func plain() {
        #expect(throws: PushSubscriptionError.endpoint("not https")) {
            try web(endpoint: "http://push.test/")
        }
    }
}
