import MartletHarness
import Testing

@Suite("a stop, on real sockets", .serialized)
struct StopTests {
    @Test("an upgrade that comes while the server stops is told so, and the stop goes on")
    func lateUpgrade() throws {
        let server = try ServedStore()
        let early = try Connection(port: server.port)
        try early.write(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try early.readHead()
        _ = try early.read(3)
        // Does not answer the farewell, so that the stop takes some seconds.
        let holder = try WebSocket(port: server.port)
        server.beginStop()
        guard case .text(let hint) = try holder.receive() else {
            Issue.record("no word of when to come back")
            return
        }
        #expect(hint.hasPrefix(#"{"reconnect":{"after":"#))
        try early.write(Array(WebSocket.upgrade("/v1/socket", server.port).utf8))
        let said = early.readToEnd()
        #expect(String(decoding: said.prefix(13), as: UTF8.self) == "HTTP/1.1 101 ")
        #expect(said.suffix(12) == [0x88, 10, 0x0B, 0xB9] + Array("shutdown".utf8))
        #expect(try holder.receive() == .close(3001))
        #expect(server.waitForExit() == 0)
    }
}
