import Testing

@testable import MartletPush

@Suite("Retry-After")
struct RetryAfterTests {
    @Test("seconds, up to a day")
    func seconds() {
        #expect(RetryAfter.seconds("0", now: 5) == 0)
        #expect(RetryAfter.seconds("120", now: 5) == 120)
        #expect(RetryAfter.seconds("99999999999", now: 5) == 86_400)
    }

    @Test("dates, seen from now")
    func dates() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(RetryAfter.seconds(date, now: 784_111_777 - 60) == 60)
        #expect(RetryAfter.seconds(date, now: 784_111_777 + 60) == 0)
        #expect(RetryAfter.seconds("Thu, 29 Feb 2024 00:00:00 GMT", now: 1_709_164_800 - 7) == 7)
        #expect(RetryAfter.seconds("Fri, 01 Mar 2024 00:00:00 GMT", now: 1_709_251_200 - 7) == 7)
    }

    @Test(
        "anything else is no delay",
        arguments: ["", "-1", "soon", "1.5", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT"])
    func malformed(_ text: String) { #expect(RetryAfter.seconds(text, now: 0) == nil) }
}
