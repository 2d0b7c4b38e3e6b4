import Testing

@testable import MartletPush

@Suite("Replies of Web Push services")
struct WebPushReplyTests {
    @Test(
        "each row of the table",
        arguments: [
            (201, nil, "accepted"), (202, nil, "accepted"), (200, nil, "accepted"),
            (400, nil, "refused"), (401, nil, "alarm"), (403, nil, "alarm"), (404, nil, "drop"),
            (410, nil, "drop"), (413, nil, "shrink"), (429, nil, "retry host"),
            (429, 90, "retry host after 90"), (500, nil, "retry subscription"),
            (502, nil, "retry subscription"), (503, 7, "retry subscription after 7"),
            (301, nil, "refused"), (307, nil, "refused"), (405, nil, "refused"),
        ] as [(Int, UInt32?, String)])
    func rows(_ status: Int, _ retryAfter: UInt32?, _ expected: String) {
        let reply = PushReply(status: status, retryAfter: retryAfter)
        #expect(WebPushReply.outcome(reply).kind == expected)
    }

    @Test("no reply is a reason to try again, a forbidden endpoint is none")
    func failures() {
        #expect(PushFailure.unreachable("x").outcome.kind == "retry subscription")
        #expect(PushFailure.forbidden("x").outcome.kind == "refused")
    }
}
