import MartletServer
import NIOCore
import Testing

/// The path for conformance suites.
@Suite struct EchoTests {
    @Test("texts and bytes come back, in one piece")
    func echo() throws {
        let socket = try SocketFixture(isEcho: true)
        try socket.receive(
            clientFrame(1, Array("he".utf8), isFinal: false) + clientFrame(0, Array("y".utf8))
                + clientFrame(2, [1, 2]))
        #expect(try socket.frames() == ["hey", "opcode 130"])
    }

    @Test("text that is not UTF-8 closes with 1007, and nobody is told to authenticate")
    func rules() throws {
        let socket = try SocketFixture(isEcho: true)
        socket.tick(20)
        #expect(try socket.frames().isEmpty)
        try socket.receive(clientFrame(1, [0xC0, 0x80]))
        #expect(try socket.frames() == ["close 1007"])
    }
}
