import Testing
import MartletHarness

/// Every mistake has its documented error, and the next valid frame is served.
@Suite("bad frames", .serialized)
struct BadFrameTests {
    /// A frame, the error code that answers it, and whether the answer carries the frame's id "x".
    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        var frame: String
        var code: String
        var status: Int
        var hasID = true

        var testDescription: String { name }
    }

    static let nobody = "00000000deadbeef"
    static let mistakes = [
        Mistake(
            name: "cut JSON", frame: #"{"id":"x","ping":{"#, code: "malformed", status: 400,
            hasID: false),
        Mistake(name: "no object", frame: "[1]", code: "malformed", status: 400, hasID: false),
        Mistake(
            name: "a key twice", frame: #"{"id":"x","id":"x","ping":{}}"#, code: "malformed",
            status: 400, hasID: false),
        Mistake(
            name: "an id that is no string", frame: #"{"id":7,"ping":{}}"#, code: "malformed",
            status: 400, hasID: false),
        Mistake(
            name: "too deep",
            frame: #"{"id":"x","ping":"# + String(repeating: "[", count: 40)
                + String(repeating: "]", count: 40) + "}",
            code: "malformed", status: 400, hasID: false),
        Mistake(
            name: "a frame over 64 KiB",
            frame: #"{"id":"x","ping":{"a":""# + String(repeating: "a", count: 70_000) + "\"}}",
            code: "too_large", status: 413, hasID: false),
        Mistake(
            name: "an unknown verb", frame: #"{"id":"x","dance":{}}"#, code: "unknown_verb",
            status: 400),
        Mistake(name: "no verb", frame: #"{"id":"x"}"#, code: "bad_request", status: 400),
        Mistake(
            name: "two verbs", frame: #"{"id":"x","ping":{},"sync":{}}"#, code: "bad_request",
            status: 400),
        Mistake(
            name: "a missing field", frame: #"{"id":"x","find":{}}"#, code: "bad_request",
            status: 400),
        Mistake(
            name: "hi again", frame: #"{"id":"x","hi":{"version":1,"agent":"a"}}"#,
            code: "bad_request", status: 400),
        Mistake(
            name: "an unknown name", frame: #"{"id":"x","find":{"name":"nobody"}}"#,
            code: "not_found", status: 404),
        Mistake(
            name: "an unknown user", frame: send(to: nobody, text: "anyone?"), code: "not_found",
            status: 404),
        Mistake(
            name: "an empty text", frame: send(to: nobody, text: ""), code: "bad_request",
            status: 400),
        Mistake(
            name: "a text over 16 KiB",
            frame: send(to: nobody, text: String(repeating: "a", count: 16_385)),
            code: "too_large", status: 413),
        Mistake(
            name: "a token that nobody gave",
            frame: #"{"id":"x","auth":{"token":"mt_nothing"}}"#, code: "unauthorized", status: 401),
    ]

    static func send(to conversation: String, text: String) -> String {
        let body = #""conversation":"\#(conversation)","clientMessageID":"c","text":"\#(text)""#
        return #"{"id":"x","send":{\#(body)}}"#
    }

    @Test("each mistake has its code, and the next valid frame is served")
    func mistakes() throws {
        let server = try ServedStore()
        let device = ChatDevice("ann")
        try device.connect(server)
        try device.enter("register")
        for mistake in Self.mistakes {
            try device.sendRaw(mistake.frame)
            let answer = try device.receive()
            #expect(answer["error"]?["code"]?.string == mistake.code, "\(mistake.name): \(answer)")
            #expect(answer["error"]?["status"]?.integer == mistake.status, "\(mistake.name)")
            #expect((answer["id"] == "x") == mistake.hasID, "\(mistake.name)")
            #expect(try device.request("ping", [:]) == [:], "\(mistake.name)")
        }
        #expect(server.stop() == 0)
    }

    @Test("a binary message is malformed, and the next valid frame is served")
    func binary() throws {
        let server = try ServedStore()
        let device = ChatDevice("ann")
        try device.connect(server)
        try device.sendRaw(opcode: 2, [1, 2, 3])
        #expect(try device.receive()["error"]?["code"] == "malformed")
        #expect(try device.request("ping", [:]) == [:])
    }

    @Test("before hi every other verb is a bad request, before login most are unauthorized")
    func order() throws {
        let server = try ServedStore()
        let device = ChatDevice("ann")
        try device.connect(server)
        let early = try device.request("sync", ["epoch": 0, "seq": 0])
        #expect(early["error"]?["code"] == "unauthorized")
        let socket = try WebSocket(port: server.port)
        try socket.send(#"{"id":"1","ping":{}}"#)
        guard case .text(let text) = try socket.receive() else {
            Issue.record("closed")
            return
        }
        #expect(try JSON.parse(text)["error"]?["code"] == "bad_request")
    }

    @Test("a taken name and a wrong password have their codes")
    func accounts() throws {
        let server = try ServedStore()
        let ann = ChatDevice("ann")
        try ann.connect(server)
        try ann.enter("register")
        let other = ChatDevice("other")
        try other.connect(server)
        let taken = try other.request("register", ["name": "ANN", "password": "12345678"])
        #expect(taken["error"]?["code"] == "name_taken")
        for name in ["ann", "nobody"] {
            let body: JSON = ["name": .string(name), "password": "wrong password"]
            #expect(try other.request("login", body)["error"]?["code"] == "unauthorized")
        }
        #expect(try other.request("ping", [:]) == [:])
    }

    @Test("another version is told so and closed with 3501, broken text with 1007")
    func closing() throws {
        let server = try ServedStore()
        let old = try WebSocket(port: server.port)
        try old.send(#"{"id":"1","hi":{"version":99,"agent":"a"}}"#)
        guard case .text(let text) = try old.receive() else {
            Issue.record("closed without an answer")
            return
        }
        #expect(try JSON.parse(text)["error"]?["code"] == "bad_request")
        #expect(try old.receive() == .close(3501))
        let broken = try WebSocket(port: server.port)
        try broken.send(opcode: 1, [0x22, 0xff, 0x22])
        #expect(try broken.receive() == .close(1007))
    }
}
