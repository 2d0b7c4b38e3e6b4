import Testing

@testable import MartletPush

@Suite("Replies of FCM")
struct FCMReplyTests {
    private static let fcmError = "type.googleapis.com/google.firebase.fcm.v1.FcmError"

    private func verdict(
        _ status: Int, _ details: String, retryAfter: UInt32? = nil
    ) -> String {
        let body = """
            {"error":{"code":\(status),"message":"m","status":"S","details":[\(details)]}}
            """
        let reply = PushReply(status: status, retryAfter: retryAfter, body: Array(body.utf8))
        switch FCMReply.verdict(reply) {
        case .outcome(let outcome): return outcome.kind
        case .renewToken: return "renew"
        }
    }

    private func error(_ code: String) -> String {
        "{\"@type\":\"\(Self.fcmError)\",\"errorCode\":\"\(code)\"}"
    }

    @Test(
        "each row of the table",
        arguments: [
            (200, "", "accepted"), (400, "INVALID_ARGUMENT", "refused"),
            (401, "THIRD_PARTY_AUTH_ERROR", "alarm"), (403, "SENDER_ID_MISMATCH", "drop"),
            (404, "UNREGISTERED", "drop"), (429, "QUOTA_EXCEEDED", "retry host after 60"),
            (500, "INTERNAL", "retry subscription"), (503, "UNAVAILABLE", "retry host"),
        ])
    func rows(_ status: Int, _ code: String, _ expected: String) {
        #expect(verdict(status, error(code)) == expected)
    }

    @Test("an argument error that blames the token drops it, another one does not")
    func argument() {
        let type = "type.googleapis.com/google.rpc.BadRequest"
        func blaming(_ field: String) -> String {
            error("INVALID_ARGUMENT")
                + ",{\"@type\":\"\(type)\",\"fieldViolations\":[{\"field\":\"\(field)\"}]}"
        }
        #expect(verdict(400, blaming("message.token")) == "drop")
        #expect(verdict(400, blaming("message.android.ttl")) == "refused")
    }

    @Test("a wrong project is no reason to forget tokens")
    func wrongProject() {
        #expect(verdict(404, "") == "alarm")
        #expect(verdict(403, "") == "alarm")
    }

    @Test("an access token that is not taken is renewed")
    func unauthenticated() { #expect(verdict(401, "") == "renew") }

    @Test("a delay that the service names counts")
    func named() {
        #expect(verdict(429, error("QUOTA_EXCEEDED"), retryAfter: 5) == "retry host after 5")
        #expect(verdict(503, error("UNAVAILABLE"), retryAfter: 9) == "retry host after 9")
    }

    @Test("one device's quota holds up that device only")
    func deviceQuota() {
        let quota = """
            {"@type":"type.googleapis.com/google.rpc.QuotaFailure",\
            "violations":[{"subject":"device:x","description":"Device message rate exceeded"}]}
            """
        #expect(
            verdict(429, error("QUOTA_EXCEEDED") + "," + quota) == "retry subscription after 60")
    }
}
