import MartletHarness
import Testing

/// Clients that hold connections with as little as they can.
@Suite("clients that take their time, on real sockets", .serialized)
struct SlowLorisTests {
    private static let head = "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n"

    @Test("a head or a body that comes a byte at a time is cut at its deadline")
    func requests() throws {
        let server = try ServedStore(keys: "limits.handshake=1s", "limits.body=1s")
        for start in ["GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", Self.head + "\r\n"] {
            let said = try Connection(port: server.port).trickle(Array(start.utf8))
            #expect(said == [], "\(start)")
        }
        #expect(try server.get("/readyz").status == 200)
    }

    @Test("a frame that comes a byte at a time is cut, before the log-in and after")
    func frames() throws {
        let server = try ServedStore(keys: "limits.authentication=1s", "limits.message=1s")
        #expect(try WebSocket(port: server.port).trickle() == 3500)
        let ann = ChatDevice("ann")
        try ann.connect(server)
        try ann.enter("register")
        let socket = try WebSocket(port: server.port)
        try socket.send(#"{"hi":{"version":1,"agent":"a","token":"\#(ann.token)"}}"#)
        _ = try socket.receive()
        #expect(socket.trickle() == 3002)
        #expect(try ann.request("ping", [:]) == [:])
    }

    @Test("many of them cost little memory, go at the deadline, and stand in nobody's way")
    func many() throws {
        let server = try ServedStore(keys: "limits.handshake=2s", "limits.body=2s")
        let before = server.residentKiB
        #expect(before > 0)
        let field = "X-Long: " + String(repeating: "x", count: 7_000)
        let part = "GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\(field)"
        let body = Self.head + "\r\n" + String(repeating: " ", count: 50_000)
        let connections = try (0..<300).map { index in
            let connection = try Connection(port: server.port)
            try connection.write(Array((index % 2 == 0 ? part : body).utf8))
            return connection
        }
        #expect(try server.get("/readyz").status == 200)
        let grown = server.residentKiB - before
        #expect(grown < 300 * 200, "\(grown) KiB for 300 connections")
        #expect(connections.allSatisfy { $0.waitForEnd() })
    }
}
