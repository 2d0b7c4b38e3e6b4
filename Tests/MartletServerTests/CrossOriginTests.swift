import MartletServer
import NIOCore
import NIOEmbedded
import Testing

/// Pages of other origins at the door (the CORS protocol).
@Suite("Pages of other origins")
struct CrossOriginTests {
    private let friend = "https://friend.example"

    private func ask(_ method: String, _ lines: String, _ body: String = "") throws -> String {
        let door = try DoorFixture(allowedOrigins: [friend])
        let channel = try door.connect()
        door.send(
            "\(method) /v1/call HTTP/1.1\r\nHost: a\r\n\(lines)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)", on: channel)
        return try door.received(on: channel)
    }

    private func preflight(_ origin: String) throws -> String {
        try ask(
            "OPTIONS",
            "Origin: \(origin)\r\nAccess-Control-Request-Method: POST\r\n"
                + "Access-Control-Request-Headers: authorization,content-type\r\n")
    }

    @Test("a browser that asks for an allowed one is told what the page may send")
    func allowed() throws {
        let answer = try preflight(friend)
        #expect(answer.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        for line in [
            "Access-Control-Allow-Origin: \(friend)", "Access-Control-Allow-Methods: POST",
            "Access-Control-Allow-Headers: Authorization, Content-Type, X-Request-Id",
            "Access-Control-Max-Age: 600", "Vary: Origin",
        ] {
            #expect(answer.contains("\r\n\(line)\r\n"), "\(line)")
        }
        #expect(!answer.contains("Allow-Credentials"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test(
        "others are refused, and no page of theirs may read that",
        arguments: [
            "https://evil.example", "null", "https://friend.example.evil.example",
        ])
    func others(_ origin: String) throws {
        for answer in [try preflight(origin), try ask("POST", "Origin: \(origin)\r\n", "{}")] {
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(!answer.contains("Access-Control"))
        }
    }

    @Test(
        "an allowed page reads its answers, refusals and errors too",
        arguments: [
            (#"{"login":{"name":"ann","password":"wrong password"}}"#, "401"), ("{", "400"),
            (String(repeating: " ", count: 70_000), "413"),
        ])
    func answers(_ body: String, _ status: String) throws {
        let answer = try ask("POST", "Origin: \(friend)\r\n", body)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\r\nAccess-Control-Allow-Origin: \(friend)\r\n"))
        #expect(answer.contains("Access-Control-Expose-Headers: Retry-After, X-Request-Id\r\n"))
        #expect(answer.contains("\r\nVary: Origin\r\n"))
    }

    @Test("our own page, and whoever is no browser, need none of it")
    func own() throws {
        for lines in ["Origin: http://a\r\n", ""] {
            let answer = try ask("POST", lines, "{")
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(!answer.contains("Access-Control"))
        }
        #expect(try ask("OPTIONS", "").hasPrefix("HTTP/1.1 405 "))
    }

    @Test("a poll that was parked is answered to its own page, and the next request to its own")
    func poll() throws {
        let door = try DoorFixture(allowedOrigins: [friend])
        let channel = try door.connect()
        let body = #"{"epoch":3,"seq":0,"timeout":5}"#
        door.send(
            "POST /v1/poll HTTP/1.1\r\nHost: a\r\nOrigin: \(friend)\r\n"
                + "Authorization: Bearer t\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            on: channel)
        door.tick(6)
        let origin = "Access-Control-Allow-Origin: \(friend)\r\n"
        #expect(try door.received(on: channel).contains(origin))
        door.poll(0, timeout: 0, on: channel)
        #expect(try !door.received(on: channel).contains("Access-Control"))
    }
}
