import Crypto
import FoundationEssentials
import Testing

@testable import MartletPush

@Suite("APNs against a service over HTTP/2")
struct APNsServiceTests {
    private static let device = String(repeating: "a1", count: 32)

    private func with<Result: Sendable>(
        script: @escaping ServiceStandIn.Script,
        _ body: (PushFixture, APNsTransport) async throws -> Result
    ) async throws -> Result {
        try await PushFixture.with(.secure, script: script) { fixture in
            var options = APNsOptions(
                topic: "example.martlet", team: "TEAM123456", keyID: "KEY1234567",
                keyPEM: TestKeys.certificateKey)
            options.endpoint = "https://localhost:\(fixture.service.port)"
            return try await body(
                fixture, try APNsTransport(client: fixture.client, options: options))
        }
    }

    private func subscription() throws -> PushSubscription {
        try .apns(token: Self.device, registeredAt: 1)
    }

    @Test("the request is HTTP/2 with all headers, and an alert with the payload beside it")
    func request() async throws {
        struct Body: Decodable {
            struct System: Decodable {
                struct Alert: Decodable {
                    var title: String
                    var body: String?
                }
                var alert: Alert
                var badge: Int?
            }
            struct Payload: Decodable { var number: Int }
            var aps: System
            var martlet: Payload?
        }
        let notice = PushNotice(
            payload: Array("{\"number\":7}".utf8), alert: .init(title: "Ada \"A\"", body: "hi\n"),
            badge: 3, topic: PushTopic("topic-1"), ttl: 60)
        let (outcome, requests, now) = try await with(script: { _ in .init(status: 200) }) {
            fixture, apns in
            let outcome = await apns.send(notice, to: try subscription())
            return (outcome, fixture.service.requests, fixture.clock.seconds)
        }
        #expect(outcome == .accepted)
        let request = try #require(requests.first)
        #expect(request.version == "HTTP/2.0")
        #expect(request.method == "POST" && request.uri == "/3/device/\(Self.device)")
        let expected = [
            "apns-topic": "example.martlet", "apns-push-type": "alert", "apns-priority": "10",
            "apns-expiration": "\(now + 60)", "apns-collapse-id": "topic-1",
        ]
        for (name, value) in expected { #expect(request.headers[name] == value) }
        #expect(UUID(uuidString: request.headers["apns-id"] ?? "") != nil)
        #expect(request.headers["authorization"]?.hasPrefix("bearer ey") == true)
        let body = try JSONDecoder().decode(Body.self, from: Data(request.body))
        #expect(body.aps.alert.title == "Ada \"A\"" && body.aps.alert.body == "hi\n")
        #expect(body.aps.badge == 3 && body.martlet?.number == 7)
    }

    @Test("without text the alert is the generic line; ttl 0 means once")
    func bare() async throws {
        let notice = PushNotice(payload: [], ttl: 0, urgency: .low)
        let requests = try await with(script: { _ in .init(status: 200) }) { fixture, apns in
            let outcome = await apns.send(notice, to: try subscription())
            #expect(outcome == .accepted)
            return fixture.service.requests
        }
        let request = try #require(requests.first)
        #expect(request.text.contains("\"title\":\"New message\""))
        #expect(!request.text.contains("martlet"))
        #expect(request.headers["apns-expiration"] == "0")
        #expect(request.headers["apns-priority"] == "5")
    }

    @Test("the token is signed once for many pushes, and over one connection")
    func oneToken() async throws {
        let requests = try await with(script: { _ in .init(status: 200) }) { fixture, apns in
            for _ in 0..<5 {
                let notice = PushNotice(payload: [], ttl: 1)
                let outcome = await apns.send(notice, to: try subscription())
                #expect(outcome == .accepted)
            }
            return fixture.service.requests
        }
        #expect(Set(requests.map { $0.headers["authorization"] }).count == 1)
    }

    @Test("a token called expired is signed anew, and the push sent once more")
    func expired() async throws {
        let outcome = try await with(script: { request in
            // Knows no token that was signed in the first half hour.
            let token = request.headers["authorization"]?.split(separator: ".")[1] ?? ""
            let claims = String(decoding: Base64URL.decode(String(token)) ?? [], as: UTF8.self)
            return claims.contains("1795000000")
                ? .init(status: 403, body: "{\"reason\":\"ExpiredProviderToken\"}")
                : .init(status: 200)
        }) { fixture, apns in
            let notice = PushNotice(payload: [], ttl: 1)
            let early = await apns.send(notice, to: try subscription())
            #expect(early.kind == "retry host after 1200")
            fixture.clock.advance(seconds: 30 * 60)
            let late = await apns.send(notice, to: try subscription())
            #expect(fixture.service.requests.count == 3)
            return late
        }
        #expect(outcome == .accepted)
    }

    @Test("a new token that is called expired as well is an alarm")
    func expiredAgain() async throws {
        let answer = ServiceStandIn.Answer(
            status: 403, body: "{\"reason\":\"ExpiredProviderToken\"}")
        try await with(script: { _ in answer }) { fixture, apns in
            let notice = PushNotice(payload: [], ttl: 1)
            _ = await apns.send(notice, to: try subscription())
            fixture.clock.advance(seconds: 30 * 60)
            let outcome = await apns.send(notice, to: try subscription())
            #expect(outcome.kind == "alarm")
            #expect(fixture.service.requests.count == 3)
        }
    }

    @Test("a dead token is dropped, unless it was registered since")
    func gone() async throws {
        let answer = ServiceStandIn.Answer(
            status: 410, body: "{\"reason\":\"Unregistered\",\"timestamp\":1000}")
        try await with(script: { _ in answer }) { _, apns in
            let notice = PushNotice(payload: [], ttl: 1)
            let old = try PushSubscription.apns(token: Self.device, registeredAt: 999_999)
            #expect(await apns.send(notice, to: old).kind == "drop")
            let new = try PushSubscription.apns(token: Self.device, registeredAt: 1_000_000)
            #expect(await apns.send(notice, to: new).kind == "retry subscription")
        }
    }

    @Test("more than 4,096 bytes are not even sent")
    func tooLarge() async throws {
        try await with(script: { _ in .init(status: 200) }) { fixture, apns in
            let text = String(repeating: "x", count: 4_096)
            let notice = PushNotice(payload: Array("{\"t\":\"\(text)\"}".utf8), ttl: 1)
            let outcome = await apns.send(notice, to: try subscription())
            #expect(outcome == .shrink)
            #expect(fixture.service.requests.isEmpty)
        }
    }
}
