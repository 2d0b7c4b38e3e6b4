/// The protocol of `docs/protocol/chat.md` over a WebSocket.
final class MartletClient: ChatClient {
    private enum Step { case upgrade, greeting, syncing, live }

    let directory: MartletDirectory
    private var step = Step.upgrade
    /// The cursor, if known: everything up to this event was applied.
    private(set) var cursor: (epoch: UInt64, seq: UInt64)?
    /// The highest event seen on this socket.
    private var seen: UInt64 = 0
    private var isSyncing = false
    /// Whether to catch up from the cursor before being ready.
    var syncsFirst = false
    /// Sees the answers to `request`, before the listener is told of them.
    var onAnswer: ((UnsafeRawBufferPointer) -> Void)?

    init(
        _ reactor: Reactor, user: Int, listener: any ChatListener, directory: MartletDirectory
    ) {
        self.directory = directory
        super.init(reactor, user: user, listener: listener)
    }

    // MARK: Out

    override func connected() {
        step = .upgrade
        seen = 0
        isSyncing = syncsFirst
        if !syncsFirst { cursor = nil }
        reactor.output.append(
            """
            GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """)
    }

    private func greet() {
        let output = reactor.output
        step = .greeting
        if let account = directory.accounts[user] {
            output.textFrame {
                output.append(#"{"id":"h","hi":{"version":1,"agent":"martlet-bench","token":""#)
                output.append(account.token)
                output.append(#""}}"#)
            }
        } else {
            output.textFrame {
                output.append(#"{"id":"g","hi":{"version":1,"agent":"martlet-bench"}}"#)
            }
            output.textFrame {
                output.append(#"{"id":"r","register":{"name":"u"#)
                output.append(number: UInt64(user))
                output.append(#"","password":"password"}}"#)
            }
        }
    }

    override func send(_ index: UInt64, to target: Target, _ body: MessageBody) {
        guard let conversation = directory.conversation(target) else {
            listener?.refused("no conversation", by: self)
            return
        }
        let output = reactor.output
        output.textFrame {
            output.append(#"{"id":""#)
            output.append(number: index)
            output.append(#"","send":{"conversation":""#)
            output.append(hex: conversation)
            output.append(#"","clientMessageID":""#)
            // As long as a UUID, and as random where it begins.
            output.append(hex: RandomSource.scramble(index &+ directory.run))
            output.append("-4-8")
            output.append(hex: index)
            output.append(#"","text":""#)
            body.append(index, to: output)
            output.append(#""}}"#)
        }
        flush()
    }

    /// Sends any request; `body` is the verb with its object, as in `"ping":{}`.
    func request(_ number: UInt64, _ body: () -> Void) {
        requestLater(number, body)
        flush()
    }

    /// As `request`, while this client is being served: it goes out with what else is answered.
    func requestLater(_ number: UInt64, _ body: () -> Void) {
        let output = reactor.output
        output.textFrame {
            output.append(#"{"id":"q"#)
            output.append(number: number)
            output.append(#"","#)
            body()
            output.append("}")
        }
    }

    private func sync() {
        isSyncing = true
        let output = reactor.output
        output.textFrame {
            output.append(#"{"id":"s","sync":{"epoch":"#)
            output.append(number: cursor?.epoch ?? 0)
            output.append(#","seq":"#)
            output.append(number: cursor?.seq ?? 0)
            output.append("}}")
        }
    }

    // MARK: In

    override func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        if step == .upgrade {
            guard let end = bytes.end(of: "\r\n\r\n") else { return 0 }
            guard bytes.has("HTTP/1.1 101", at: 0) else {
                listener?.refused(bytes.text(from: 0, to: 13), by: self)
                return end
            }
            offset = end
            greet()
        }
        while offset + 2 <= bytes.count {
            var length = Int(bytes[offset + 1])
            var start = offset + 2
            if length >= 126 {
                start = length == 126 ? offset + 4 : offset + 10
                guard start <= bytes.count else { break }
                length = bytes[offset + 2..<start].reduce(0) { $0 << 8 | Int($1) }
            }
            guard start + length <= bytes.count else { break }
            receive(
                bytes[offset] & 15, UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))
            offset = start + length
        }
        return offset
    }

    private func receive(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        switch opcode {
        case 1:
            if payload.has(#"{"event":{"seq":"#, at: 0) {
                event(payload, at: 16, isLive: true)
            } else if payload.has(#"{"id":""#, at: 0) {
                answer(payload)
            }
        case 9:
            reactor.output.append([0x8A, 0x80 | UInt8(payload.count), 0, 0, 0, 0])
            reactor.output.append(payload)
        case 8:
            let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 0
            listener?.refused("closed with \(code)", by: self)
            close()
            lost("closed with \(code)")
        default:
            break
        }
    }

    /// An event whose seq stands at `offset`; nothing but it comes behind that.
    private func event(_ bytes: UnsafeRawBufferPointer, at offset: Int, isLive: Bool) {
        let seq = bytes.number(at: offset)
        if isLive { seen = max(seen, seq) }
        if let last = cursor?.seq {
            if seq <= last { return }
            if seq > last + 1 {
                // Between a reconnect and the end of its sync this is how it must be.
                if !isSyncing { disorders += 1 }
                return
            }
        }
        cursor = (cursor?.epoch ?? 0, seq)
        guard let text = bytes.end(of: #""text":""#, from: offset),
            let index = bytes.hex(at: text)
        else { return }
        // Only the author's copy has the client's id.
        let head = UnsafeRawBufferPointer(rebasing: bytes[offset..<text])
        if head.end(of: #""clientMessageID""#) == nil {
            listener?.delivered(index, to: self, at: reactor.now)
        }
    }

    private func answer(_ bytes: UnsafeRawBufferPointer) {
        switch bytes[7] {
        case 0x30...0x39:
            let index = bytes.number(at: 7)
            if bytes.end(of: #"","send":"#, from: 7) != nil {
                listener?.acknowledged(index, at: reactor.now)
            } else {
                refuse(bytes)
            }
        case UInt8(ascii: "q"):
            let number = bytes.number(at: 8)
            if bytes.end(of: #"","error":"#, from: 8).map({ $0 < 40 }) == true { refuse(bytes) }
            onAnswer?(bytes)
            listener?.answered(number, by: self, at: reactor.now)
        case UInt8(ascii: "h"), UInt8(ascii: "r"):
            loggedIn(bytes)
        case UInt8(ascii: "s"):
            synced(bytes)
        default:
            break
        }
    }

    private func refuse(_ bytes: UnsafeRawBufferPointer) {
        let code = bytes.end(of: #""code":""#).map { bytes.text(from: $0, to: 0x22) }
        listener?.refused(code ?? "no code", by: self)
    }

    private func loggedIn(_ bytes: UnsafeRawBufferPointer) {
        guard let id = bytes.end(of: #""user":""#).flatMap({ bytes.hex(at: $0) }) else {
            return refuse(bytes)
        }
        if let token = bytes.end(of: #""token":""#) {
            directory.accounts[user] = .init(id: id, token: bytes.text(from: token, to: 0x22))
            cursor = (0, 0)
        }
        step = syncsFirst ? .syncing : .live
        if syncsFirst { sync() } else { becomeReady() }
    }

    private func synced(_ bytes: UnsafeRawBufferPointer) {
        guard let epoch = bytes.end(of: #""epoch":"#), let seq = bytes.end(of: #""seq":"#),
            let list = bytes.end(of: #""events":["#)
        else { return refuse(bytes) }
        if let known = cursor, known.epoch != 0, bytes.end(of: #""reset":true"#) == nil {
            var next = bytes.end(of: #"{"seq":"#, from: list)
            while let start = next {
                next = bytes.end(of: #"{"seq":"#, from: start)
                let end = next ?? bytes.count
                let one = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                event(one, at: 0, isLive: false)
            }
            if cursor?.seq != bytes.number(at: seq) { disorders += 1 }
        }
        cursor = (bytes.number(at: epoch), bytes.number(at: seq))
        let isLimited = bytes.end(of: #""limited":true"#) != nil
        if isLimited || seen > bytes.number(at: seq) { return sync() }
        isSyncing = false
        if step == .syncing {
            step = .live
            becomeReady()
        }
    }
}
