import MartletChat
import MartletServer
import NIOCore
import NIOEmbedded
import Testing

@Suite struct HTTPDoorTests {
    private let door: DoorFixture
    private let channel: EmbeddedChannel

    init() throws {
        door = try DoorFixture()
        channel = try door.connect()
    }

    private func received() throws -> String { try door.received(on: channel) }

    @Test("a call is answered with the answer's frame, and the connection lives on")
    func call() throws {
        for _ in 0..<3 {
            door.post("/v1/call", #"{"id":"7","find":{"name":"bea"}}"#, on: channel)
            let answer = try received()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: application/json\r\n"))
            #expect(answer.contains("Cache-Control: no-store\r\n"))
            #expect(answer.contains("Content-Security-Policy: default-src 'self'; connect-src"))
            #expect(
                answer.hasSuffix(#"{"id":"7","find":{"user":"0000000000000002","name":"bea"}}"#))
        }
        #expect(channel.isActive)
    }

    @Test("an error's status is the answer's status")
    func statuses() throws {
        door.post("/v1/call", #"{"find":{"name":"bea"}}"#, token: "wrong", on: channel)
        let wrong = try received()
        #expect(wrong.hasPrefix("HTTP/1.1 401 "))
        #expect(wrong.contains("WWW-Authenticate: Bearer\r\n"))
        door.post("/v1/call", #"{"id":"1","find":{"name":"bea"}}"#, token: nil, on: channel)
        #expect(try received().contains(#"{"id":"1","error":{"code":"unauthorized""#))
        door.post("/v1/call", "{", on: channel)
        #expect(try received().contains(#"{"error":{"code":"malformed""#))
        door.post("/v1/call", #"{"dance":{}}"#, on: channel)
        #expect(try received().contains(#""code":"unknown_verb""#))
        door.post("/v1/call", #"{"id":"x","hi":{"version":1,"agent":"a"}}"#, on: channel)
        #expect(try received().contains(#"{"id":"x","error":{"code":"bad_request""#))
        #expect(channel.isActive)
    }

    @Test("a poll waits for an event and then tells it")
    func poll() throws {
        door.poll(0, on: channel)
        #expect(try received().isEmpty)
        door.happen(1)
        let answer = try received()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(
            answer.hasSuffix(
                #"{"sync":{"epoch":3,"seq":1,"limited":false,"reset":false,"events":["#
                    + DoorFixture.page(1) + "]}}"))
        #expect(channel.isActive)
    }

    @Test("a lost answer is served again, because the cursor is the request's")
    func repeated() throws {
        door.poll(0, on: channel)
        door.happen(1)
        let first = try received()
        let other = try door.connect()
        door.poll(0, on: other)
        let again = try door.received(on: other)
        let body = { (text: String) in text.split(separator: "\r\n").last }
        #expect(body(first) == body(again))
        door.poll(1, timeout: 0, on: other)
        #expect(
            try door.received(on: other).contains(
                #""seq":1,"limited":false,"reset":false,"events":[]"#))
    }

    @Test("a timeout is an ordinary empty page")
    func timeout() throws {
        door.poll(0, timeout: 20, on: channel)
        door.tick(20)
        #expect(try received().isEmpty)
        door.tick(1)
        let answer = try received()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix(#""events":[]}}"#))
        door.tick(30)
        #expect(channel.isActive)
        door.tick(2)
        #expect(!channel.isActive)
    }

    @Test("parked polls read the store once, and a known token is all that is asked")
    func cost() throws {
        door.poll(0, timeout: 50, on: channel)
        door.tick(50)
        #expect(door.inbox.reads == 1)
        #expect(door.inbox.authentications == 1)
    }

    @Test("a newer poll with the same token ends the parked one, another token's does not")
    func newer() throws {
        let others = [try door.connect(), try door.connect()]
        door.poll(0, on: channel)
        door.poll(0, token: "u", on: others[0])
        #expect(try received().isEmpty)
        door.poll(0, on: others[1])
        #expect(try received().hasSuffix(#""events":[]}}"#))
        #expect(try door.received(on: others[0]).isEmpty)
        door.happen(1)
        #expect(try received().isEmpty)
        for other in others {
            #expect(try door.received(on: other).hasSuffix(DoorFixture.page(1) + "]}}"))
        }
    }

    @Test("a poll whose connection is gone is forgotten")
    func gone() throws {
        door.poll(0, on: channel)
        _ = try? channel.finish()
        door.happen(1)
        let other = try door.connect()
        door.poll(0, on: other)
        #expect(try door.received(on: other).contains("200 OK"))
    }

    @Test("a log-out ends the token's poll with 401")
    func logout() throws {
        let other = try door.connect()
        door.poll(0, on: channel)
        door.post("/v1/call", #"{"logout":{}}"#, on: other)
        #expect(try door.received(on: other).hasSuffix(#"{"logout":{}}"#))
        #expect(try received().hasPrefix("HTTP/1.1 401 "))
    }

    @Test("a stopping server answers parked polls with an empty page and takes no new request")
    func drain() throws {
        let other = try door.connect()
        door.poll(0, on: channel)
        door.hub.startDraining()
        let answer = try received()
        #expect(answer.hasSuffix(#""events":[]}}"#))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(!channel.isActive)
        door.post("/v1/call", #"{"id":"7","find":{"name":"bea"}}"#, on: other)
        let refusal = try door.received(on: other)
        #expect(refusal.hasPrefix("HTTP/1.1 503 "))
        #expect(refusal.contains("Retry-After: 2\r\n"))
        #expect(refusal.contains(#"{"id":"7","error":{"code":"unavailable""#))
    }

    @Test("a request before the answer to the last is not served, and the connection ends")
    func pipelined() throws {
        door.poll(0, on: channel)
        door.post("/v1/call", #"{"find":{"name":"bea"}}"#, on: channel)
        #expect(try received().isEmpty)
        door.happen(1)
        let answer = try received()
        #expect(answer.contains("Connection: close\r\n"))
        #expect(!answer.contains("bea"))
        #expect(!channel.isActive)
    }

    @Test("what is no JSON POST of our own pages is refused before its body is read")
    func heads() throws {
        let cases = [
            ("GET /v1/call HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
            ("POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n\r\n", "415"),
            ("POST /v1/call HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\n\r\n", "403"),
            ("POST /v1/poll HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", "413"),
        ]
        for (text, status) in cases {
            let channel = try door.connect()
            door.send(text, on: channel)
            #expect(try door.received(on: channel).hasPrefix("HTTP/1.1 \(status) "), "\(text)")
            #expect(!channel.isActive)
        }
    }

    @Test("too many requests are told when to come again, in the answer and in its head")
    func limits() throws {
        var limits = ChatServerLimits.off
        limits.requests = RateLimit(perSecond: 0.5, burst: 1)
        let door = try DoorFixture(limits: limits)
        let channel = try door.connect()
        let find = #"{"find":{"name":"bea"}}"#
        door.post("/v1/call", find, on: channel)
        #expect(try door.received(on: channel).hasPrefix("HTTP/1.1 200 "))
        door.post("/v1/call", find, on: channel)
        let answer = try door.received(on: channel)
        #expect(answer.hasPrefix("HTTP/1.1 429 "))
        #expect(answer.contains("Retry-After: 2\r\n"))
        #expect(answer.contains(#""retryAfter":2000"#))
    }

    @Test("chunks are put together, and their sum is bounded")
    func chunks() throws {
        let head =
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nAuthorization: bearer t\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
        door.send(head + "8\r\n{\"find\":\r\n", on: channel)
        door.send("f\r\n{\"name\":\"bea\"}}\r\n0\r\n\r\n", on: channel)
        #expect(try received().hasSuffix(#""name":"bea"}}"#))
        let chunk = "2000\r\n" + String(repeating: "x", count: 0x2000) + "\r\n"
        door.send(head + String(repeating: chunk, count: 9), on: channel)
        #expect(try received().hasPrefix("HTTP/1.1 413 "))
        #expect(!channel.isActive)
    }
}
