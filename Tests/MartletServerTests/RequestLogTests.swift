import Logging
import MartletServer
import NIOCore
import NIOEmbedded
import Testing

@Suite("Requests in the log")
struct RequestLogTests {
    private let recorder = LogRecorder()

    private func id(_ answer: String) throws -> String {
        let line = answer.split(separator: "\r\n").first { $0.hasPrefix("X-Request-Id: ") }
        return String(try #require(line).dropFirst(14))
    }

    private func ask(_ lines: String, _ door: DoorFixture) throws -> String {
        let channel = try door.connect()
        door.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\(lines)\r\n", on: channel)
        return try id(try door.received(on: channel))
    }

    @Test("every answer over HTTP tells its request's id: the client's, or one that is made")
    func header() throws {
        let door = try DoorFixture()
        #expect(try ask("X-Request-Id: Trace_1.a-b\r\n", door) == "Trace_1.a-b")
        let made = try ask("", door)
        #expect(made.wholeMatch(of: #/[0-9a-f]{8}-[0-9]+-1/#) != nil, "\(made)")
        let channel = try door.connect()
        door.send("no HTTP\r\n\r\n", on: channel)
        #expect(try id(try door.received(on: channel)).hasSuffix("-1"))
    }

    @Test(
        "an id that a log cannot bear is not taken",
        arguments: [
            "X-Request-Id: a b\r\n", "X-Request-Id: \r\n", "X-Request-Id: a=b\r\n",
            "X-Request-Id: a\r\nX-Request-Id: b\r\n", "X-Request-Id: \u{e4}\r\n",
            "X-Request-Id: \(String(repeating: "a", count: 65))\r\n",
        ])
    func malformed(_ lines: String) throws {
        let id = try ask(lines, try DoorFixture())
        #expect(id.wholeMatch(of: #/[0-9a-f]{8}-[0-9]+-1/#) != nil, "\(id)")
    }

    @Test("a line about a request has the id of its answer")
    func line() throws {
        let door = try DoorFixture(logger: recorder.logger)
        let channel = try door.connect()
        for (token, outcome) in [("t", "done"), ("x", "unauthorized")] {
            door.post("/v1/call", #"{"find":{"name":"bea"}}"#, token: token, on: channel)
            let id = try id(try door.received(on: channel))
            let lines = recorder.lines.filter { $0.metadata["request"] == "\(id)" }
            #expect(lines.allSatisfy { $0.metadata["connection"] != nil })
            #expect(lines.contains { $0.metadata["outcome"] == "\(outcome)" })
        }
    }

    @Test("a frame that had to wait keeps its id, and what the server asks by itself has none")
    func waiting() throws {
        let door = try DoorFixture(logger: recorder.logger)
        let channel = try door.connect()
        door.send(
            "GET /v1/socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", on: channel)
        let frames = [
            #"{"hi":{"version":1,"agent":"a","token":"t"}}"#, #"{"find":{"name":"bea"}}"#,
            #"{"ping":{}}"#,
        ]
        try channel.writeInbound(ByteBuffer(bytes: frames.flatMap { clientText($0) }))
        door.loop.run()
        func request(_ verb: String) throws -> String {
            let line = recorder.lines.last { $0.metadata["verb"] == "\(verb)" }
            return try #require(line?.metadata["request"]).description
        }
        // The first is the upgrade.
        #expect(try request("auth").hasSuffix("-2"))
        #expect(try request("find").hasSuffix("-3"))
    }

    @Test("a token of an issuer that is refused is a security event; the reason is for the log")
    func refused() throws {
        let door = try DoorFixture(logger: recorder.logger)
        let channel = try door.connect()
        door.post("/v1/call", #"{"find":{"name":"bea"}}"#, token: "a.b.c", on: channel)
        let answer = try door.received(on: channel)
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && !answer.contains("signature"))
        let line = try #require(recorder.lines.first { $0.message == "security" })
        #expect(line.level == .notice)
        #expect(line.metadata["event"] == "token refused")
        #expect(line.metadata["reason"] == "signature")
        #expect(line.metadata["request"] == "\(try id(answer))")
        #expect(recorder.lines.allSatisfy { !"\($0.metadata)".contains("a.b.c") })
    }

    @Test("a fault of the server is an error in the log, at a bounded rate, and nothing is hidden")
    func fault() throws {
        let door = try DoorFixture(logger: recorder.logger)
        let channel = try door.connect()
        for _ in 0..<150 {
            door.post("/v1/call", #"{"find":{"name":"broken"}}"#, on: channel)
        }
        let faults = recorder.lines.filter { $0.level == .error }
        #expect(faults.count == 100)
        #expect(faults.first?.message == "request failed")
        #expect(faults.first?.metadata["verb"] == "find")
        #expect(faults.first?.metadata["reason"] == "stored bytes are damaged")
    }
}
