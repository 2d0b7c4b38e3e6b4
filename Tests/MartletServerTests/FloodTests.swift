import MartletChat
import MartletServer
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

/// Clients that ask too often.
@Suite struct FloodTests {
    private static let upgrade =
        "GET /v1/socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    private let ping = clientText(#"{"id":"1","ping":{}}"#)

    private var limits: ChatServerLimits {
        var limits = ChatServerLimits.off
        limits.requests = RateLimit(perSecond: 1, burst: 3)
        limits.addressRequests = RateLimit(perSecond: 1, burst: 2)
        limits.refusals = RateLimit(perSecond: 1, burst: 5)
        return limits
    }

    @Test(
        "a frame too soon is answered with the time to wait, and a patient client is served again")
    func refused() throws {
        let time = NIOLockedValueBox<UInt64>(0)
        let socket = try SocketFixture(limits: limits) { time.withLockedValue { $0 } }
        try socket.authenticate()
        for _ in 0..<4 { try socket.receive(ping) }
        let frames = try socket.frames()
        #expect(frames.prefix(3).allSatisfy { $0 == #"{"id":"1","ping":{}}"# })
        #expect(frames.last?.contains(#""code":"too_many","status":429"#) == true)
        #expect(frames.last?.contains(#""retryAfter":1000"#) == true)
        time.withLockedValue { $0 = 1_000_000 }
        try socket.receive(ping)
        #expect(try socket.frames() == [#"{"id":"1","ping":{}}"#])
    }

    @Test("who goes on in spite of it is closed with 3005", arguments: [true, false])
    func flood(_ isAuthenticated: Bool) throws {
        let socket = try SocketFixture(limits: limits)
        if isAuthenticated { try socket.authenticate() }
        for _ in 0..<40 { try socket.receive(ping) }
        let frames = try socket.frames()
        #expect(frames.last == "close 3005")
        #expect(frames.count < 12)
    }

    @Test("frames that nobody can read count as well")
    func garbage() throws {
        let socket = try SocketFixture(limits: limits)
        try socket.authenticate()
        for _ in 0..<40 { try socket.receive(clientText("{")) }
        #expect(try socket.frames().last == "close 3005")
    }

    @Test("one connection too many is not taken")
    func connections() throws {
        var limits = ChatServerLimits.off
        limits.connectionsPerAddress = 2
        let door = try DoorFixture(limits: limits)
        let first = try door.connect()
        _ = try door.connect()
        #expect(throws: HTTPPipeline.Full.self) { try door.connect() }
        door.send("GET / HTTP/1.0\r\n\r\n", on: first)
        #expect(!first.isActive)
        _ = try door.connect()
        #expect(throws: HTTPPipeline.Full.self) { try door.connect() }
    }

    @Test("a connection that becomes a socket is counted until the socket ends")
    func upgraded() throws {
        var limits = ChatServerLimits.off
        limits.connectionsPerAddress = 1
        let door = try DoorFixture(limits: limits)
        let socket = try door.connect()
        door.send(
            Self.upgrade, on: socket)
        #expect(try door.received(on: socket).hasPrefix("HTTP/1.1 101 "))
        #expect(throws: HTTPPipeline.Full.self) { try door.connect() }
        _ = try? socket.finish()
        _ = try door.connect()
    }

    @Test("a socket too many, or one that comes while the server stops, is told so")
    func turnedAway() throws {
        let door = try DoorFixture(maxSockets: 1)
        func upgrade() throws -> [UInt8] {
            let channel = try door.connect()
            door.send(Self.upgrade, on: channel)
            var bytes: [UInt8] = []
            while let part = try channel.readOutbound(as: ByteBuffer.self) {
                bytes += part.readableBytesView
            }
            #expect(String(decoding: bytes.prefix(13), as: UTF8.self) == "HTTP/1.1 101 ")
            return bytes
        }
        #expect(try upgrade().suffix(2) == Array("\r\n".utf8))
        let overloaded: [UInt8] = [0x88, 12, 0x0B, 0xBC] + Array("overloaded".utf8)
        #expect(try upgrade().suffix(14) == overloaded)
        door.hub.startDraining()
        let shutdown: [UInt8] = [0x88, 10, 0x0B, 0xB9] + Array("shutdown".utf8)
        for channel in door.channels { _ = try? channel.finish() }
        #expect(try upgrade().suffix(12) == shutdown)
    }

    @Test("wrong passwords are slowed down over both doors, alike for every name")
    func logins() throws {
        var limits = ChatServerLimits.off
        limits.loginDelays = LoginDelays()
        let door = try DoorFixture(limits: limits)
        let channel = try door.connect()
        var answers: [[String]] = []
        for name in ["ann", "nobody"] {
            answers.append([])
            for _ in 0..<6 {
                door.post(
                    "/v1/call", #"{"login":{"name":"\#(name)","password":"wrong password"}}"#,
                    token: nil, on: channel)
                let lines = try door.received(on: channel).split(separator: "\r\n")
                    .filter { !$0.hasPrefix("X-Request-Id: ") }
                answers[answers.count - 1].append(lines.joined(separator: "\r\n"))
            }
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0][4].hasPrefix("HTTP/1.1 401 "))
        #expect(answers[0][5].hasPrefix("HTTP/1.1 429 "))
        #expect(answers[0][5].contains(#""retryAfter":1000"#))
        let socket = try door.connect()
        door.send(
            Self.upgrade, on: socket)
        for text in [
            #"{"hi":{"version":1,"agent":"a"}}"#,
            #"{"login":{"name":"ANN","password":"wrong password"}}"#,
        ] {
            try socket.writeInbound(ByteBuffer(bytes: clientText(text)))
            door.loop.run()
        }
        #expect(try door.received(on: socket).contains(#""code":"too_many""#))
    }
}
