import MartletChat
import MartletServer
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

@Suite struct SocketHandlerTests {
    private let ping = clientText(#"{"id":"1","ping":{}}"#)
    private let pong = #"{"id":"1","ping":{}}"#

    @Test("an oversized frame is answered and the next frame is served")
    func oversized() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        try socket.receive(clientFrame(1, [UInt8](repeating: 0x78, count: 70_000)) + ping)
        let frames = try socket.frames()
        #expect(frames.count == 2)
        #expect(frames.first?.contains(#""code":"too_large""#) == true)
        #expect(frames.last == pong)
    }

    @Test("a binary message is refused and the next frame is served")
    func binary() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        try socket.receive(clientFrame(2, [1, 2]) + ping)
        let frames = try socket.frames()
        #expect(frames.first?.contains(#""code":"malformed""#) == true)
        #expect(frames.last == pong)
    }

    @Test("an unmasked frame closes with 1002, text that is not UTF-8 with 1007")
    func broken() throws {
        let unmasked = try SocketFixture()
        try unmasked.receive([0x81, 0x02, 0x68, 0x69])
        #expect(try unmasked.frames() == ["close 1002"])
        let bytes = try SocketFixture()
        try bytes.receive(clientFrame(1, [0xFF]) + ping)
        #expect(try bytes.frames() == ["close 1007"])
    }

    @Test("a close of the client is echoed, then the connection ends")
    func close() throws {
        let socket = try SocketFixture()
        try socket.receive(clientFrame(8, [0x03, 0xE8]))
        #expect(try socket.frames() == ["close 1000"])
        #expect(!socket.channel.isActive)
    }

    @Test("a close the client never answers ends the connection after 2 seconds")
    func unansweredClose() throws {
        let socket = try SocketFixture()
        socket.tick(11)
        #expect(try socket.frames() == ["close 3500"])
        #expect(socket.channel.isActive)
        socket.tick(2)
        #expect(!socket.channel.isActive)
    }

    @Test("a WebSocket ping is answered with its content")
    func answersPing() throws {
        let socket = try SocketFixture()
        try socket.receive(clientFrame(9, Array("hey".utf8)))
        #expect(try socket.frames() == ["pong hey"])
    }

    @Test("a silent socket is pinged after 25 seconds and closed 8 seconds later")
    func silent() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        socket.tick(24)
        #expect(try socket.frames().isEmpty)
        socket.tick(1)
        #expect(try socket.frames() == ["ping"])
        socket.tick(7)
        #expect(try socket.frames().isEmpty)
        socket.tick(1)
        #expect(try socket.frames() == ["close 3003"])
    }

    @Test("the heartbeat is the operator's")
    func heartbeat() throws {
        let facts = ServerFacts(build: "b", pingSeconds: 3, pongSeconds: 2)
        let socket = try SocketFixture(facts: facts)
        try socket.receive(clientText(#"{"hi":{"version":1,"agent":"a","token":"t"}}"#))
        #expect(
            try socket.frames().first?.contains(#""heartbeat":{"ping":3,"pong":2}"#) == true)
        socket.tick(3)
        #expect(try socket.frames() == ["ping"])
        socket.tick(2)
        #expect(try socket.frames() == ["close 3003"])
    }

    @Test("the domain knows of each open device, once, and of its end")
    func uses() throws {
        let told = NIOLockedValueBox<[String]>([])
        var port = ChatPort(epoch: 3) { call, reply in
            guard case .authenticate(let token) = call else { return reply(.done) }
            var session = SessionScript.session(expiresAt: .max >> 11)
            session.device = DeviceID(rawValue: token == "t" ? 7 : 8)
            reply(.session(session))
        }
        port.opened = { user, device in
            told.withLockedValue { $0.append("opened \(device.rawValue)") }
        }
        port.closed = { user, device in
            told.withLockedValue { $0.append("closed \(device.rawValue)") }
        }
        let socket = try SocketFixture(port: port)
        try socket.authenticate()
        #expect(told.withLockedValue { $0 } == ["opened 7"])
        try socket.receive(clientText(#"{"auth":{"token":"u"}}"#))
        #expect(told.withLockedValue { $0 }.suffix(2) == ["opened 8", "closed 7"])
        _ = try? socket.channel.finish()
        #expect(told.withLockedValue { $0 }.suffix(1) == ["closed 8"])
        #expect(told.withLockedValue { $0.count } == 4)
    }

    @Test("a pong keeps the socket open")
    func alive() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        for _ in 0..<5 {
            socket.tick(25)
            #expect(try socket.frames() == ["ping"])
            try socket.receive(clientFrame(10, []))
        }
        #expect(socket.channel.isActive)
    }

    @Test("a reader with more than the bound waiting is closed with 3002, a quick one is not")
    func slow() throws {
        let socket = try SocketFixture(maxQueuedBytes: 10_000)
        try socket.authenticate()
        let text = String(repeating: "x", count: 4000)
        let event = InboxEvent(seq: 1, kind: .message(SessionScript.message(1, text)))
        for _ in 0..<10 { socket.hub.deliver(event, to: UserID(rawValue: 1)) }
        #expect(try socket.frames().count == 10)
        socket.queuedBytes = 10_001
        for _ in 0..<10 { socket.hub.deliver(event, to: UserID(rawValue: 1)) }
        let frames = try socket.frames()
        #expect(frames.last == "close 3002")
        #expect(frames.count < 10)
        socket.tick(2)
        #expect(!socket.channel.isActive)
    }

    @Test("events reach every device of the user and nobody else")
    func fanOut() throws {
        let one = try SocketFixture()
        try one.authenticate()
        let second = EmbeddedChannel(
            handler: SocketHandler(hub: one.hub, peer: try one.hub.newPeer()) { _ in 0 })
        try second.writeInbound(
            ByteBuffer(bytes: clientText(#"{"hi":{"version":1,"agent":"a","token":"t"}}"#)))
        one.channel.embeddedEventLoop.run()
        while try second.readOutbound(as: ByteBuffer.self) != nil {}
        let event = InboxEvent(
            seq: 9, kind: .delivered(ConversationID(rawValue: 2), upTo: 3))
        one.hub.deliver(event, to: UserID(rawValue: 1))
        one.hub.deliver(event, to: UserID(rawValue: 5))
        let text =
            #"{"event":{"seq":9,"delivered":{"conversation":"0000000000000002","upTo":3}}}"#
        #expect(try one.frames() == [text])
        let bytes = try #require(try second.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: bytes).hasSuffix(text))
    }
}
