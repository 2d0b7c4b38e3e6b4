import MartletChat
import MartletServer
import NIOCore
import NIOEmbedded
import Testing

/// Clients that take their time, on purpose.
@Suite struct SlowClientTests {
    private let head =
        "POST /v1/call HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\nContent-Length: 60000\r\n"

    @Test("a head that comes a byte at a time is cut after 10 seconds")
    func slowHead() throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        var second = 0
        for byte in head where channel.isActive {
            door.send(String(byte), on: channel)
            door.tick(1)
            second += 1
        }
        #expect(second == 10)
        #expect(!channel.isActive)
    }

    @Test("a body that comes a byte at a time is cut 10 seconds after its head")
    func slowBody() throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        door.tick(5)
        door.send(head + "\r\n", on: channel)
        var second = 0
        while channel.isActive, second < 100 {
            door.send("x", on: channel)
            door.tick(1)
            second += 1
        }
        #expect(second == 10)
    }

    @Test("between two requests a connection may rest 30 seconds, a byte at a time or not")
    func idle() throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        door.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", on: channel)
        var second = 0
        for byte in head where channel.isActive {
            door.send(String(byte), on: channel)
            door.tick(1)
            second += 1
        }
        #expect(second == 30)
    }

    @Test("a client that asks and never reads is not served beyond its queue")
    func neverReads() throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        door.send(get, on: channel)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        _ = try door.received(on: channel)
        door.send(String(repeating: get, count: 1000), on: channel)
        #expect(try door.received(on: channel).isEmpty)
        door.tick(30)
        #expect(!channel.isActive)
    }

    @Test("a message that comes a byte at a time is cut after 60 seconds, pings in between or not")
    func slowMessage() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        // 60,000 bytes are announced. Between two frames there may be any number of pings.
        try socket.receive([0x01, 0xFE, 0xEA, 0x60, 1, 2, 3, 4])
        var second = 0
        while try socket.frames().last != "close 3002", second < 100 {
            try socket.receive([0x20])
            socket.tick(1)
            second += 1
        }
        #expect(second == 60)
    }

    @Test("a slow message that is complete in time gives the next one its own time")
    func slowMessages() throws {
        let socket = try SocketFixture()
        try socket.authenticate()
        let ping = clientText(#"{"id":"1","ping":{}}"#)
        for _ in 0..<5 {
            for byte in ping {
                try socket.receive([byte])
                socket.tick(2)
            }
        }
        #expect(try socket.frames().filter { $0.contains("ping\":{}") }.count == 5)
    }

    @Test("a client that floods without reading is cut as soon as its queue is full")
    func slowReader() throws {
        let socket = try SocketFixture(maxQueuedBytes: 100_000)
        try socket.authenticate()
        socket.queuedBytes = 100_001
        let find = clientText(#"{"id":"1","find":{"name":"bea"}}"#)
        var frames = 0
        while socket.channel.isActive, frames < 10_000 {
            try socket.receive(find)
            frames += 1
            if try socket.frames().last == "close 3002" { break }
        }
        #expect(frames < 2000)
        socket.tick(2)
        #expect(!socket.channel.isActive)
    }
}
