import MartletHarness
import Testing

/// Clients that mean harm, over real sockets.
@Suite("hostile clients", .serialized)
struct HostileClientTests {
    @Test("frames that come a byte at a time, or in fragments of a byte, are served")
    func bytewise() throws {
        let server = try ServedStore()
        let socket = try WebSocket(port: server.port)
        let hi = #"{"id":"1","hi":{"version":1,"agent":"a"}}"#
        try socket.send(opcode: 1, Array(hi.utf8), pieces: 1)
        guard case .text(let text) = try socket.receive() else {
            Issue.record("closed")
            return
        }
        #expect(try JSON.parse(text)["hi"] != nil)
        try socket.sendFragmented(#"{"id":"2","ping":{}}"#)
        #expect(try socket.receive() == .text(#"{"id":"2","ping":{}}"#))
        #expect(server.stop() == 0)
    }

    @Test("a client that never reads is cut, and others are served meanwhile")
    func neverReads() throws {
        let server = try ServedStore("--no-limits")
        let ann = ChatDevice("ann")
        try ann.connect(server)
        try ann.enter("register")
        let deaf = try WebSocket(port: server.port, receiveBytes: 4096)
        try deaf.send(
            #"{"hi":{"version":1,"agent":"a","token":"\#(ann.token)"}}"#)
        _ = try deaf.receive()
        let text = String(repeating: "x", count: 16_384)
        // Its queue may hold 1 MiB, and the kernel some more: the rest must not be kept for it.
        for index in 0..<600 {
            _ = try ann.send(text, to: ann.user, clientMessageID: "m\(index)")
        }
        let kept = deaf.readToEnd().count
        #expect(kept < 600 * 16_384)
        #expect(try server.get("/readyz").status == 200)
        #expect(server.log.contains("slow reader, connection closed"))
        #expect(!server.log.contains(ann.token))
        #expect(server.stop() == 0)
    }

    @Test(
        "an ambiguous length is refused, and what is smuggled behind it is not served",
        arguments: [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
            "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        ])
    func smuggling(_ rest: String) throws {
        let server = try ServedStore()
        let connection = try Connection(port: server.port)
        try connection.write(
            Array("POST /v1/call HTTP/1.1\r\nHost: a\r\n\(rest)GET /healthz HTTP/1.1\r\n".utf8))
        try? connection.write(Array("Host: a\r\nConnection: close\r\n\r\n".utf8))
        let answer = String(decoding: connection.readToEnd(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(!answer.hasSuffix("ok\n"))
    }

    @Test(
        "no path leads out of the web client's files",
        arguments: [
            "/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
            "//etc/passwd", "/index.html/../../../etc/passwd", "/..\\..\\etc\\passwd",
            "/index.html%00.css", "http://a/etc/passwd",
        ])
    func traversal(_ path: String) throws {
        let server = try ServedStore()
        let (status, head) = try server.get(path)
        #expect(status == 404 || status == 400, "\(head)")
    }

    @Test("a page of another origin may use neither door")
    func origin() throws {
        let server = try ServedStore()
        for path in ["/v1/socket", "/v1/call"] {
            let connection = try Connection(port: server.port)
            let method = path == "/v1/call" ? "POST" : "GET"
            try connection.write(
                Array(
                    """
                    \(method) \(path) HTTP/1.1\r
                    Host: 127.0.0.1:\(server.port)\r
                    Origin: http://evil.example\r
                    Upgrade: websocket\r
                    Connection: Upgrade\r
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                    Sec-WebSocket-Version: 13\r
                    \r

                    """.utf8))
            #expect(try connection.readHead().hasPrefix("HTTP/1.1 403 "))
        }
        #expect(server.log.contains("origin refused"))
    }

    @Test("oversized and deep JSON is refused over HTTP as on a socket")
    func json() throws {
        let server = try ServedStore()
        var deep: JSON = 1
        for _ in 0..<40 { deep = .array([deep]) }
        #expect(try server.call(["ping": deep]).status == 400)
        let long = JSON.string(String(repeating: "x", count: 66_000))
        #expect(try rawStatus(server, ["find": ["name": long]]) == 413)
        #expect(try server.get("/readyz").status == 200)
    }

    private func rawStatus(_ server: ServedStore, _ body: JSON) throws -> Int? {
        let connection = try Connection(port: server.port)
        try connection.post("/v1/call", body, token: nil)
        let head = try connection.readHead()
        return head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    @Test("the log names wrong passwords by connection and address, and holds no secret")
    func log() throws {
        let server = try ServedStore()
        let password = "correct horse battery"
        for _ in 0..<7 {
            _ = try server.call(
                ["login": ["name": "ann", "password": .string(password)]])
        }
        let log = server.log
        #expect(log.contains("login failed"))
        #expect(log.contains("login delayed"))
        #expect(log.contains("address=127.0.0.1"))
        #expect(log.contains("connection="))
        #expect(!log.contains(password))
    }
}
