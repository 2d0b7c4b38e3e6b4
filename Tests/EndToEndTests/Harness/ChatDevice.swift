import MartletHarness

/// One device of one user, written from `docs/protocol/chat.md` alone. Its cursor and messages
/// outlive its socket, as a real client's do.
final class ChatDevice {
    let name: String
    private(set) var user = ""
    private(set) var token = ""
    /// Texts of the messages that events brought, in the inbox's order.
    private(set) var texts: [String] = []
    /// The device's cursor.
    private(set) var epoch = 0
    private(set) var last = 0
    private var seen = 0
    private var socket: WebSocket?
    private var requests = 0

    init(_ name: String) { self.name = name }

    /// Opens a socket and says `hi`, with the token where there is one.
    @discardableResult
    func connect(_ server: ServedStore) throws -> JSON { try connect(port: server.port) }

    /// The same at a port.
    @discardableResult
    func connect(port: UInt16) throws -> JSON {
        socket = try WebSocket(port: port)
        seen = 0
        var hi: [String: JSON] = ["version": 1, "agent": "end-to-end/1"]
        if !token.isEmpty { hi["token"] = .string(token) }
        return try request("hi", .object(hi))
    }

    /// Makes the account (`register`) or logs in (`login`), then takes the first cursor.
    func enter(_ verb: String, password: String = "correct horse") throws {
        let answer = try request(verb, ["name": .string(name), "password": .string(password)])
        guard let user = answer["user"]?.string, let token = answer["token"]?.string else {
            throw HarnessError("\(verb): \(answer)")
        }
        self.user = user
        self.token = token
        if epoch == 0 { try sync() }
    }

    /// Sends one message; the answer's object.
    func send(_ text: String, to peer: String, clientMessageID: String) throws -> JSON {
        try request(
            "send",
            [
                "conversation": .string(peer), "clientMessageID": .string(clientMessageID),
                "text": .string(text),
            ])
    }

    /// Asks for pages until nothing is behind them.
    func sync() throws {
        var isLimited = true
        while isLimited || seen > last {
            let page = try request("sync", ["epoch": .integer(epoch), "seq": .integer(last)])
            page["events"]?.elements.forEach(apply)
            if page["reset"] == .bool(true) {
                epoch = page["epoch"]?.integer ?? 0
                last = page["seq"]?.integer ?? 0
            }
            isLimited = page["limited"] == .bool(true)
        }
    }

    /// Reads pushed events until `count` messages have arrived.
    func wait(messages count: Int) throws {
        while texts.count < count {
            let frame = try receive()
            if let event = frame["event"] { apply(event) }
            if seen > last { try sync() }
        }
    }

    /// Sends a request and waits for its answer, whatever events come before it. An error's object
    /// is under the key `error`.
    @discardableResult
    func request(_ verb: String, _ body: JSON) throws -> JSON {
        requests += 1
        let id = String(requests)
        try sendRaw(JSON.object(["id": .string(id), verb: body]).text())
        while true {
            let frame = try receive()
            if let event = frame["event"] {
                apply(event)
            } else if frame["id"]?.string == id {
                return frame[verb] ?? frame
            }
        }
    }

    /// Sends a text message as it is.
    func sendRaw(_ text: String) throws { try open().send(text) }

    /// Sends a frame of another opcode.
    func sendRaw(opcode: UInt8, _ payload: [UInt8]) throws {
        try open().send(opcode: opcode, payload)
    }

    /// The next frame.
    func receive() throws -> JSON {
        switch try open().receive() {
        case .text(let text): return try JSON.parse(text)
        case .close(let code): throw HarnessError("closed with \(code)")
        }
    }

    /// Waits for the socket's end; the close code.
    func waitForClose() throws -> UInt16 {
        while true {
            if case .close(let code) = try open().receive() { return code }
        }
    }

    /// Drops the socket without a word.
    func cut() { socket = nil }

    private func open() throws -> WebSocket {
        guard let socket else { throw HarnessError("\(name) is not connected") }
        return socket
    }

    /// The client's rules of the protocol page, section 6.
    private func apply(_ event: JSON) {
        let seq = event["seq"]?.integer ?? 0
        seen = max(seen, seq)
        guard seq == last + 1 else { return }
        last = seq
        if let text = event["message"]?["text"]?.string { texts.append(text) }
    }
}
