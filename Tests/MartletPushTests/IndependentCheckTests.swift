import FoundationEssentials
import Testing

@testable import MartletPush

/// Sends to the service that `tools/push-check` starts, which verifies with other people's code.
@Suite(
    "Web Push as others read it",
    .enabled(if: ProcessInfo.processInfo.environment["MARTLET_PUSH_SERVICE"] != nil))
struct IndependentCheckTests {
    @Test("every length of payload is decrypted and every token verified")
    func verified() async throws {
        let fields = (ProcessInfo.processInfo.environment["MARTLET_PUSH_SERVICE"] ?? "")
            .split(separator: " ").map(String.init)
        try #require(fields.count == 3)
        let subscription = try PushSubscription.web(
            endpoint: fields[0], p256dh: fields[1], auth: fields[2], registeredAt: 0,
            rules: EndpointRules(allowsPlainHTTP: true))
        var options = PushClientOptions(now: { UInt64(Date().timeIntervalSince1970 * 1_000_000) })
        options.rules = EndpointRules(allowsPlainHTTP: true)
        options.addresses = .off
        let client = try PushClient(options: options)
        let web = WebPushTransport(
            client: client, key: VAPIDKey(), subject: "mailto:admin@chat.example")
        var outcomes = [await web.send(notice([]), to: subscription)]
        for count in [0, 1, 2, 15, 16, 17, 100, 1_000, 3_000, 3_966] {
            let text = String(repeating: "ä", count: count / 2)
            let message = JSONText.object([
                "bytes": .number(text.utf8.count), "text": .string(text),
            ])
            outcomes.append(await web.send(notice(message.bytes), to: subscription))
        }
        await client.shutdown()
        #expect(outcomes == Array(repeating: .accepted, count: outcomes.count))
    }

    private func notice(_ payload: [UInt8]) -> PushNotice {
        PushNotice(payload: payload, topic: PushTopic(of: payload, secret: [1]), ttl: 60)
    }
}
