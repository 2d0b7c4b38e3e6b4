import MartletChat
import MartletServer
import NIOCore
import NIOEmbedded
import Testing

@Suite struct HTTPHandlerTests {
    private let channel = EmbeddedChannel()
    private let hub = Hub(
        port: ChatPort(epoch: 3) { _, _ in },
        settings: SocketSettings(facts: ServerFacts(build: "b")) { 0 })

    init() throws {
        let files = StaticFiles(["index.html": Array("<p>hi".utf8), "app.js": [0x31]])
        try HTTPPipeline.add(
            to: channel,
            .init(
                hub: hub, files: files, allowedOrigins: ["https://friend.example"],
                isHealthy: { true }))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func ask(_ text: String) throws -> String {
        _ = try? channel.writeInbound(ByteBuffer(string: text))
        channel.embeddedEventLoop.run()
        var answer = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) {
            answer += String(buffer: part)
        }
        return answer
    }

    private func upgrade(_ extra: String, host: String = "chat.example:8080") -> String {
        "GET /v1/socket HTTP/1.1\r\nHost: \(host)\r\nUpgrade: websocket\r\n"
            + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\(extra)\r\n"
    }

    @Test("the page is served with its guards, and not again while it is the same")
    func page() throws {
        let answer = try ask("GET /?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n<p>hi"))
        #expect(answer.contains("Content-Type: text/html; charset=utf-8\r\n"))
        #expect(answer.contains("Content-Security-Policy: default-src 'self'"))
        #expect(answer.contains("X-Content-Type-Options: nosniff\r\n"))
        let etag = try #require(
            answer.split(separator: "\r\n").first { $0.hasPrefix("ETag: ") }?.dropFirst(6))
        let again = try ask("GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: \(etag)\r\n\r\n")
        #expect(again.hasPrefix("HTTP/1.1 304 Not Modified\r\n"))
        #expect(channel.isActive)
    }

    @Test("who accepts gzip gets it where it is smaller, under an ETag of its own")
    func gzip() throws {
        let page = Array(String(repeating: "martlet ", count: 200).utf8)
        let files = StaticFiles(["index.html": page, "small.js": [0x31]])
        let file = try #require(files["/"])
        let plain = file.form(accepting: ["br", "gzip;q=0"])
        #expect(plain.encoding == nil && plain.bytes == ByteBuffer(bytes: page))
        let zipped = file.form(accepting: ["br", "gzip; q=0.5"])
        #expect(zipped.encoding == "gzip" && zipped.bytes.readableBytes < 100)
        #expect(zipped.bytes.getBytes(at: 0, length: 3) == [0x1f, 0x8b, 8])
        #expect(zipped.etag != plain.etag)
        #expect(files["/small.js"]?.form(accepting: ["gzip"]).encoding == nil)
    }

    @Test("HEAD has no body, other methods are refused, other paths not found")
    func methods() throws {
        #expect(try ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("\r\n\r\n"))
        #expect(try ask("GET /nope HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
        #expect(try ask("GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n").contains(" 404 "))
        #expect(try ask("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
    }

    @Test("health and readiness")
    func health() throws {
        #expect(try ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("\r\n\r\nok\n"))
        #expect(try ask("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").hasSuffix("\r\n\r\nready\n"))
    }

    @Test("what is answered at once is served one after the other, even where it came together")
    func together() throws {
        let get = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
        let answer = try ask(get + get)
        #expect(answer.split(separator: "\r\n\r\nok\n").count == 2)
        #expect(channel.isActive)
    }

    @Test("the handshake of RFC 6455 becomes a WebSocket")
    func handshake() throws {
        let answer = try ask(upgrade(""))
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        try channel.writeInbound(ByteBuffer(bytes: clientText(#"{"id":"1","ping":{}}"#)))
        let frame = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: frame).contains("hi must come first"))
    }

    @Test("a handshake with a frame right behind it loses nothing")
    func eager() throws {
        let bytes = Array(upgrade("").utf8) + clientText(#"{"id":"1","ping":{}}"#)
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
        var answer = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) {
            answer += String(decoding: part.readableBytesView, as: UTF8.self)
        }
        #expect(answer.hasPrefix("HTTP/1.1 101 "))
        #expect(answer.contains("hi must come first"))
    }

    @Test(
        "only the own origin and allowed ones may open a socket",
        arguments: [
            ("http://chat.example:8080", true), ("https://friend.example", true),
            ("https://chat.example", false), ("http://chat.example", false),
            ("http://evil.example", false), ("null", false), ("", false),
            ("http://chat.example:8080.evil.example", false),
        ])
    func origin(_ origin: String, _ isAllowed: Bool) throws {
        let answer = try ask(upgrade("Origin: \(origin)\r\n"))
        #expect(answer.hasPrefix(isAllowed ? "HTTP/1.1 101 " : "HTTP/1.1 403 "))
    }

    @Test("a plain GET of the socket is told what is served there")
    func plain() throws {
        let answer = try ask("GET /v1/socket HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 426 "))
        #expect(!channel.isActive)
    }

    @Test("garbage is answered with 400 and the connection ends")
    func garbage() throws {
        #expect(try ask("\u{16}\u{03}\u{01}garbage\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        #expect(!channel.isActive)
    }

    @Test(
        "a head with a long field, many fields, or too much in all is refused",
        arguments: [
            ("X", 9 << 10, 1), ("X", 4 << 10, 5), ("X", 1, 64), ("", 0, 65),
        ])
    func longHead(_ name: String, _ length: Int, _ count: Int) throws {
        let value = String(repeating: "x", count: length)
        let fields = (0..<count).map { "X-\(name)\($0): \(value)\r\n" }.joined()
        let answer = try ask("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 431 "))
    }

    @Test(
        "every answer carries the guards, and none of TLS without TLS",
        arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /app.js HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /v1/socket HTTP/1.1\r\nHost: a\r\n\r\n", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /v1/call HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{", "garbage\r\n\r\n",
        ])
    func guards(_ request: String) throws {
        let answer = try ask(request)
        for name in [
            "Content-Security-Policy: default-src 'self'; connect-src 'self'",
            "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
            "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin",
            "Cross-Origin-Resource-Policy: same-origin", "Cache-Control: no-",
        ] {
            #expect(answer.contains("\r\n\(name)"), "\(name)")
        }
        #expect(!answer.contains("Strict-Transport-Security"))
    }

    @Test("there is no echo unless it is asked for")
    func noEcho() throws {
        let answer = try ask(upgrade("").replacing("/v1/socket", with: "/v1/echo"))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
    }

    @Test("a body over the limit is refused")
    func longBody() throws {
        let long = String(repeating: "x", count: 20_000)
        let answer = try ask(
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" + long)
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
    }

    @Test("a head that never ends is cut after 10 seconds")
    func slowHead() throws {
        _ = try ask("GET / HTTP/1.1\r\nHost:")
        for _ in 0..<10 { hub.tick() }
        #expect(channel.isActive)
        _ = try ask(" a")
        hub.tick()
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }
}
