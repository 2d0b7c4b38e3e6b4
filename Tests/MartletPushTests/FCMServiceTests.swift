import CryptoExtras
import FoundationEssentials
import Synchronization
import Testing

@testable import MartletPush

@Suite("FCM against a service")
struct FCMServiceTests {
    /// A service account's file.
    static func account(_ key: _RSA.Signing.PrivateKey, tokenURL: String?) -> [UInt8] {
        JSONText.object([
            "type": .string("service_account"), "project_id": .string("project-1"),
            "private_key_id": .string("key-1"), "private_key": .string(key.pkcs8PEMRepresentation),
            "client_email": .string("martlet@project-1.iam.gserviceaccount.com"),
            "token_uri": tokenURL.map(JSONText.string),
        ]).bytes
    }

    private static let device = String(repeating: "d", count: 20) + ":APA91b"

    /// Hands out access tokens `t1`, `t2`, …; `messages` answers the pushes.
    private func with<Result: Sendable>(
        messages: @escaping ServiceStandIn.Script,
        tokens: @escaping @Sendable (Int) -> ServiceStandIn.Answer = { number in
            .init(status: 200, body: "{\"access_token\":\"t\(number)\",\"expires_in\":3600}")
        },
        _ body: (PushFixture, FCMTransport) async throws -> Result
    ) async throws -> Result {
        let issued = Counter()
        let script: ServiceStandIn.Script = { request in
            request.uri == "/token" ? tokens(issued.next()) : messages(request)
        }
        return try await PushFixture.with(script: script) { fixture in
            let origin = "http://127.0.0.1:\(fixture.service.port)"
            let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let account = try ServiceAccount(
                json: Self.account(key, tokenURL: origin + "/token"))
            return try await body(
                fixture,
                try FCMTransport(client: fixture.client, account: account, endpoint: origin))
        }
    }

    private func subscription() throws -> PushSubscription {
        try .fcm(token: Self.device, registeredAt: 1)
    }

    @Test("the message carries the payload as data, with priority, ttl and collapse key")
    func request() async throws {
        struct Body: Decodable {
            struct Message: Decodable {
                struct Android: Decodable {
                    var priority: String
                    var ttl: String
                    var collapse_key: String?
                }
                var token: String
                var data: [String: String]?
                var android: Android
            }
            var message: Message
        }
        let notice = PushNotice(
            payload: Array("{\"text\":\"a\\\"b\"}".utf8), topic: PushTopic("topic-1"), ttl: 60)
        let requests = try await with(messages: { _ in .init(status: 200, body: "{}") }) {
            fixture, fcm in
            let outcome = await fcm.send(notice, to: try subscription())
            #expect(outcome == .accepted)
            return fixture.service.requests
        }
        try #require(requests.count == 2)
        #expect(requests[0].text.hasPrefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type"))
        #expect(requests[0].text.contains("&assertion=ey"))
        #expect(requests[1].uri == "/v1/projects/project-1/messages:send")
        #expect(requests[1].headers["authorization"] == "Bearer t1")
        let body = try JSONDecoder().decode(Body.self, from: Data(requests[1].body))
        #expect(body.message.token == Self.device)
        #expect(body.message.data == ["payload": "{\"text\":\"a\\\"b\"}"])
        #expect(body.message.android.priority == "HIGH" && body.message.android.ttl == "60s")
        #expect(body.message.android.collapse_key == "topic-1")
    }

    @Test("many pushes at once fetch one access token, which is renewed before its end")
    func oneToken() async throws {
        try await with(messages: { _ in .init(status: 200, body: "{}") }) { fixture, fcm in
            let device = try subscription()
            await withTaskGroup { group in
                for _ in 0..<10 {
                    group.addTask { _ = await fcm.send(.init(payload: [], ttl: 1), to: device) }
                }
            }
            let fetched = { fixture.service.requests.filter { $0.uri == "/token" }.count }
            #expect(fetched() == 1 && fixture.service.requests.count == 11)
            fixture.clock.advance(seconds: 3_299)
            _ = await fcm.send(.init(payload: [], ttl: 1), to: device)
            #expect(fetched() == 1)
            fixture.clock.advance(seconds: 1)
            _ = await fcm.send(.init(payload: [], ttl: 1), to: device)
            #expect(fetched() == 2)
        }
    }

    @Test("an access token that is not taken is replaced once")
    func renewed() async throws {
        let old: ServiceStandIn.Script = { request in
            .init(status: request.headers["authorization"] == "Bearer t1" ? 401 : 200)
        }
        try await with(messages: old) { fixture, fcm in
            let outcome = await fcm.send(.init(payload: [], ttl: 1), to: try subscription())
            #expect(outcome == .accepted)
            #expect(fixture.service.requests.count == 4)
        }
        try await with(messages: { _ in .init(status: 401) }) { fixture, fcm in
            let outcome = await fcm.send(.init(payload: [], ttl: 1), to: try subscription())
            #expect(outcome.kind == "alarm" && fixture.service.requests.count == 4)
        }
    }

    @Test("no access token: an alarm if the account is not taken, else another try")
    func noToken() async throws {
        for (status, kind) in [(400, "alarm"), (401, "alarm"), (503, "retry host")] {
            try await with(
                messages: { _ in .init(status: 200) }, tokens: { _ in .init(status: status) }
            ) { fixture, fcm in
                let outcome = await fcm.send(.init(payload: [], ttl: 1), to: try subscription())
                #expect(outcome.kind == kind && fixture.service.requests.count == 1)
            }
        }
    }

    @Test("a dead device's token is dropped")
    func unregistered() async throws {
        let body = "{\"error\":{\"details\":[{\"errorCode\":\"UNREGISTERED\"}]}}"
        try await with(messages: { _ in .init(status: 404, body: body) }) { _, fcm in
            let outcome = await fcm.send(.init(payload: [], ttl: 1), to: try subscription())
            #expect(outcome == .dropSubscription(reason: "404 UNREGISTERED"))
        }
    }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }

    var count: Int { value.withLock { $0 } }
}
