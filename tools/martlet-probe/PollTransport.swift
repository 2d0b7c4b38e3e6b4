import MartletHarness

/// The same frames by HTTP: `sync` is a long poll on one connection, everything else a call on
/// another, one after the other.
final class PollTransport: Transport {
    private let server: Endpoint
    private let token: String
    private let calls: Descriptor
    private let polls: Descriptor
    private var waiting: [JSON] = []
    private var callIsOpen = false
    /// The id of the open `sync`.
    private var pollID: String?
    private var isOpened = false
    private var callHead: HTTPHead?
    private var pollHead: HTTPHead?

    init(to server: Endpoint, source: UInt32, token: String) throws {
        self.server = server
        self.token = token
        calls = try Descriptor(to: server, source: source)
        polls = try Descriptor(to: server, source: source)
        // A server that takes no writes may be behind what this client has seen elsewhere.
        calls.write("GET /readyz HTTP/1.1\r\nHost: \(server)\r\n\r\n".utf8)
    }

    var descriptors: [Descriptor] { [calls, polls] }

    func close() {
        calls.close()
        polls.close()
    }

    func send(_ frame: JSON) {
        if let sync = frame["sync"], pollID == nil {
            pollID = frame["id"]?.string ?? ""
            post("/v1/poll", sync, on: polls)
        } else {
            waiting.append(frame)
            sendNext()
        }
    }

    private func sendNext() {
        guard !callIsOpen, !waiting.isEmpty else { return }
        callIsOpen = true
        post("/v1/call", waiting.removeFirst(), on: calls)
    }

    private func post(_ path: String, _ body: JSON, on connection: Descriptor) {
        let text = body.text()
        let head = """
            POST \(path) HTTP/1.1\r
            Host: \(server)\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r
            Content-Length: \(text.utf8.count)\r
            \r

            """
        connection.write(Array(head.utf8) + Array(text.utf8))
    }

    func advance() throws -> [Arrival] {
        var arrivals: [Arrival] = []
        for connection in descriptors {
            connection.flush()
            connection.fill()
        }
        if !isOpened, takeReadiness() {
            isOpened = true
            arrivals.append(.opened)
        }
        while isOpened, let answer = try take(from: calls, &callHead) {
            callIsOpen = false
            arrivals.append(.frame(answer))
            sendNext()
        }
        while let answer = try take(from: polls, &pollHead) {
            if case .object(var members) = answer, let id = pollID {
                members["id"] = .string(id)
                arrivals.append(.frame(.object(members)))
            }
            pollID = nil
        }
        if !calls.isOpen || !polls.isOpen {
            close()
            arrivals.append(.closed)
        }
        return arrivals
    }

    /// Whether the server has just said that it takes writes; one that does not is left.
    private func takeReadiness() -> Bool {
        guard let (status, _) = takeText(from: calls, &callHead) else { return false }
        if status != 200 { close() }
        return status == 200
    }

    /// The next whole answer that has arrived.
    private func take(from connection: Descriptor, _ head: inout HTTPHead?) throws -> JSON? {
        try takeText(from: connection, &head).map { try JSON.parse($0.text) }
    }

    private func takeText(
        from connection: Descriptor, _ head: inout HTTPHead?
    ) -> (status: Int, text: String)? {
        if head == nil { head = HTTPHead.take(from: &connection.incoming) }
        guard let found = head, connection.incoming.count >= found.contentLength else {
            return nil
        }
        head = nil
        defer { connection.incoming.removeFirst(found.contentLength) }
        let body = connection.incoming.prefix(found.contentLength)
        return (found.status, String(decoding: body, as: UTF8.self))
    }
}
