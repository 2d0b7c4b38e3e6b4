import Testing

@testable import MartletPush

@Suite("Replies of APNs")
struct APNsReplyTests {
    private func verdict(
        _ status: Int, _ reason: String, timestamp: UInt64? = nil, registeredAt: UInt64 = 0
    ) -> String {
        let since = timestamp.map { ",\"timestamp\":\($0)" } ?? ""
        let body = reason.isEmpty ? "" : "{\"reason\":\"\(reason)\"\(since)}"
        let reply = PushReply(status: status, body: Array(body.utf8))
        switch APNsReply.verdict(reply, registeredAt: registeredAt) {
        case .outcome(let outcome): return outcome.kind
        case .renewToken: return "renew"
        }
    }

    @Test(
        "each row of the table",
        arguments: [
            (200, "", "accepted"), (400, "BadDeviceToken", "drop"),
            (400, "DeviceTokenNotForTopic", "drop"), (400, "BadTopic", "refused"),
            (400, "PayloadEmpty", "refused"), (400, "", "refused"),
            (403, "InvalidProviderToken", "alarm"), (403, "MissingProviderToken", "alarm"),
            (403, "ExpiredProviderToken", "renew"), (404, "BadPath", "refused"),
            (405, "MethodNotAllowed", "refused"), (413, "PayloadTooLarge", "refused"),
            (410, "Unregistered", "drop"), (410, "ExpiredToken", "drop"),
            (429, "TooManyRequests", "retry subscription"),
            (429, "TooManyProviderTokenUpdates", "retry host"),
            (500, "InternalServerError", "retry subscription"),
            (503, "ServiceUnavailable", "retry host"), (503, "Shutdown", "retry host"),
            (400, "IdleTimeout", "retry subscription"),
        ])
    func rows(_ status: Int, _ reason: String, _ expected: String) {
        #expect(verdict(status, reason) == expected)
    }

    @Test("a token that was registered after it was called dead is kept")
    func registeredSince() {
        let second: UInt64 = 1_795_000_000
        let died = second * 1_000
        #expect(
            verdict(410, "Unregistered", timestamp: died, registeredAt: second * 1_000_000 - 1)
                == "drop")
        #expect(
            verdict(410, "Unregistered", timestamp: died, registeredAt: second * 1_000_000)
                == "retry subscription")
    }

    @Test("a body that is no JSON leaves the status to speak")
    func noBody() {
        let reply = PushReply(status: 503, body: Array("<html>".utf8))
        #expect(
            APNsReply.verdict(reply, registeredAt: 0)
                == .outcome(.retry(after: nil, scope: .host, reason: "status 503")))
    }
}
