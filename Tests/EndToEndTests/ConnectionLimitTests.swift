import Glibc
import MartletHarness
import Testing

/// More connections than the server wants.
@Suite("too many connections, on real sockets", .serialized)
struct ConnectionLimitTests {
    /// Connections that the server has taken, as long as it takes them.
    private func open(_ count: Int, _ server: ServedStore) throws -> [Connection] {
        try (0..<count).map { _ in
            var taken: Connection?
            // The one before may still be on its way out, and nobody tells when it is.
            let isTaken = try waitUntil(.after(seconds: 60)) {
                let connection = try Connection(port: server.port)
                try? connection.write(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                guard let head = try? connection.readHead(), head.hasPrefix("HTTP/1.1 200") else {
                    return false
                }
                _ = try connection.read(3)
                taken = connection
                return true
            }
            guard isTaken, let taken else { throw HarnessError("no connection is taken") }
            return taken
        }
    }

    @Test("an address has so many, one more is closed, and an end makes room")
    func perAddress() throws {
        let server = try ServedStore(keys: "limits.connections_per_address=3")
        var taken = try open(3, server)
        for _ in 0..<50 { #expect(try Connection(port: server.port).waitForEnd()) }
        #expect(taken.allSatisfy { !$0.hasEnded })
        taken.removeLast()
        taken += try open(1, server)
        #expect(try Connection(port: server.port).waitForEnd())
        #expect(server.log.contains("too many connections"))
    }

    @Test("the server has so many sockets, and so many connections that are none")
    func inAll() throws {
        let server = try ServedStore(keys: "limits.connections=2", "limits.handshake=60s")
        let taken = try open(2, server)
        #expect(try Connection(port: server.port).waitForEnd())
        #expect(taken.allSatisfy { !$0.hasEnded })
        _ = consume taken
        let sockets = try (0..<2).map { _ in try socket(server) }
        #expect(try socket(server).receive() == .close(3004))
        try sockets[0].send(#"{"id":"1","ping":{}}"#)
        guard case .text = try sockets[0].receive() else {
            Issue.record("the first socket is closed")
            return
        }
        // Sockets take no room of others.
        _ = try open(1, server)
    }

    private func socket(_ server: ServedStore) throws -> WebSocket {
        var taken: WebSocket?
        // As above.
        _ = waitUntil(.after(seconds: 60)) {
            taken = try? WebSocket(port: server.port)
            return taken != nil
        }
        guard let taken else { throw HarnessError("no socket is taken") }
        return taken
    }
}
