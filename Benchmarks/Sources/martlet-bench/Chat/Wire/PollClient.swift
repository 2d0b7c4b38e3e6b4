/// The same protocol by long poll: one connection with a parked `POST /v1/poll`, and another for
/// requests, opened with the first. The account must exist.
final class PollClient: ChatClient {
    private let directory: MartletDirectory
    private let port: UInt16
    private var inbox = MartletInbox()
    private lazy var calls = CallLink(self, directory)

    init(
        _ reactor: Reactor, user: Int, listener: any ChatListener, directory: MartletDirectory,
        port: UInt16
    ) {
        self.directory = directory
        self.port = port
        super.init(reactor, user: user, listener: listener)
    }

    override func connected() {
        inbox.cursor = (0, 0)
        poll(seconds: 0)
    }

    private func poll(seconds: UInt64) {
        let output = reactor.output
        output.post("/v1/poll", token: directory.accounts[user]?.token ?? "") {
            output.append(#"{"epoch":"#)
            output.append(number: inbox.cursor?.epoch ?? 0)
            output.append(#","seq":"#)
            output.append(number: inbox.cursor?.seq ?? 0)
            output.append(#","timeout":"#)
            output.append(number: seconds)
            output.append("}")
        }
    }

    override func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let answer = HTTPAnswer(bytes) else { return 0 }
        let limited = inbox.applyPage(answer.body) {
            listener?.delivered($0, to: self, at: reactor.now)
        }
        disorders = inbox.disorders
        if limited == nil {
            listener?.refused(String(decoding: answer.body.prefix(80), as: UTF8.self), by: self)
            close()
            lost("poll refused")
            return answer.end
        }
        if !isReady { becomeReady() }
        poll(seconds: 50)
        return answer.end
    }

    override func send(_ index: UInt64, to target: Target, _ body: MessageBody) {
        guard let conversation = directory.conversation(target) else {
            listener?.refused("no conversation", by: self)
            return
        }
        if !calls.isOpen { calls.connect(port: port, source: 2 + user / 4000) }
        calls.say {
            let output = reactor.output
            output.append(#"{"id":""#)
            output.append(number: index)
            output.append(#"","#)
            output.appendSend(index, conversation, directory.run, body)
            output.append("}")
        }
    }
}

/// Requests of a `PollClient`: one open at a time, the others wait.
private final class CallLink: Link {
    private unowned let client: PollClient
    private let directory: MartletDirectory
    private var waiting: [[UInt8]] = []
    private var isBusy = true

    init(_ client: PollClient, _ directory: MartletDirectory) {
        self.client = client
        self.directory = directory
        super.init(client.reactor)
    }

    func say(_ body: () -> Void) {
        let output = reactor.output
        output.post("/v1/call", token: directory.accounts[client.user]?.token ?? "", body)
        if isBusy {
            waiting.append(Array(output.bytes))
            output.removeAll()
        } else {
            isBusy = true
            flush()
        }
    }

    override func connected() { next() }

    private func next() {
        isBusy = !waiting.isEmpty
        if isBusy { reactor.output.append(waiting.removeFirst()) }
    }

    override func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let answer = HTTPAnswer(bytes) else { return 0 }
        let body = answer.body
        if body.has(#"{"id":""#, at: 0), body.end(of: #","send":"#) != nil {
            client.listener?.acknowledged(body.number(at: 7), at: reactor.now)
        } else {
            client.listener?.refused(String(decoding: body.prefix(80), as: UTF8.self), by: client)
        }
        next()
        return answer.end
    }

    override func lost(_ reason: String) { client.listener?.lost(client, "calls: " + reason) }
}

/// One complete answer of HTTP/1.1 with a `Content-Length`.
private struct HTTPAnswer {
    var body: UnsafeRawBufferPointer
    /// Offset behind it.
    var end: Int

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.end(of: "\r\n\r\n") else { return nil }
        let head = UnsafeRawBufferPointer(rebasing: bytes[..<start])
        let found = head.end(of: "ontent-Length: ") ?? head.end(of: "ontent-length: ")
        let count = found.map { Int(head.number(at: $0)) } ?? 0
        guard start + count <= bytes.count else { return nil }
        body = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        end = start + count
    }
}
