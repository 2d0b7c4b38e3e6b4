import MartletServer
import NIOCore
import NIOEmbedded
import Testing

/// Requests that two readers could understand differently: a proxy before us might take the second
/// one for a part of the first.
@Suite struct SmugglingTests {
    private static let smuggled = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(
        "an ambiguous request is refused, and nothing behind it is served",
        arguments: [
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Content-Length: 4\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n{}{}",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\n"
                + "Content-Length: 99999999999999999999999\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Folded: b\r\n c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX-Folded: b\r\n\tContent-Length: 4\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n".replacingHost(with: "Host: a\r\nHost: b"),
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n",
            "GET /\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/3.9\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "\0\0\0\0\0\0",
        ])
    func refused(_ request: String) throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        door.send(request, on: channel)
        door.send(Self.smuggled, on: channel)
        let answer = try door.received(on: channel)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"))
        #expect(!answer.contains("\r\n\r\nok\n"))
        #expect(answer.components(of: "HTTP/1.1 ") <= 1)
        #expect(!channel.isActive)
    }

    @Test(
        "chunk sizes no reader should accept are refused",
        arguments: ["0x2", "2 ", "-2", "2;\n", "ffffffffffffffffff", "G", ""])
    func chunkSizes(_ size: String) throws {
        let door = try DoorFixture()
        let channel = try door.connect()
        door.send(
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(size)\r\n{}\r\n0\r\n\r\n" + Self.smuggled, on: channel)
        let answer = try door.received(on: channel)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        #expect(!answer.contains("\r\n\r\nok\n"))
        #expect(!channel.isActive)
    }
}

extension String {
    fileprivate func replacingHost(with hosts: String) -> String {
        split(separator: "\r\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("Host") ? hosts : String($0) }.joined(separator: "\r\n")
    }

    /// How often `part` occurs.
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
