import MartletHarness
import MartletSimulation

/// How a device reaches the server.
enum Door: String, CaseIterable {
    case socket
    case poll
}

/// One device of one account: a client, its login and its connection of the moment.
final class ProbeDevice {
    let name: String
    let index: Int
    let door: Door
    private let history: ChatHistory
    private let source: UInt32
    private(set) var client: ChatClient?
    private var wire = Wire(user: 0)
    private(set) var token = ""
    private var epoch: UInt64 = 0
    private var transport: (any Transport)?
    private var connection = 0
    private(set) var isLive = false
    /// The device before the first login may make the account.
    private var mayRegister: Bool
    /// Whether it waits for events, as a client in use does.
    var listens = true
    /// Reads every conversation to its end.
    private let readsAll: Bool
    /// What a server did that no server may do.
    private(set) var complaint: String?
    /// Verbs that this server does not know.
    private(set) var hasUnknownVerb = false
    private(set) var user: UInt64 = 0
    private(set) var groups: Set<ConversationKey> = []
    private var pages: [Int: (ConversationKey, SeenRange)] = [:]
    /// The server of the connection.
    private(set) var server: Endpoint?
    /// How long an answer may take before the connection is given up; without it for ever.
    var patience: UInt64?
    /// By when each request is to be answered.
    private var owed: [Int: UInt64] = [:]
    private var heardAt: UInt64 = 0
    /// Since when the server has refused to store what is sent; 0 if it never will.
    private(set) var refusedSince: UInt64?
    /// The request of the message that goes off now.
    private var sending: Int?
    /// Messages written and not settled.
    private(set) var unsettled = 0
    /// Messages acknowledged as new since the last look: a repeat can be answered by who stores
    /// nothing.
    var acknowledged = 0

    init(
        _ name: String, _ index: Int, _ door: Door, _ history: ChatHistory, source: UInt32
    ) {
        self.name = name
        self.index = index
        self.door = door
        self.history = history
        self.source = source
        mayRegister = index == 0
        readsAll = false
    }

    /// A new device with the login of `other`, which reads everything from the first event on.
    init(auditing other: ProbeDevice, _ history: ChatHistory) {
        name = other.name
        index = 9
        door = .socket
        self.history = history
        source = other.source
        mayRegister = false
        token = other.token
        epoch = other.epoch
        user = other.user
        wire = other.wire
        readsAll = true
        client = ChatClient(
            DeviceKey(user, index), history, cursor: SeenCursor(epoch: epoch, seq: 0))
    }

    var descriptors: [Descriptor] { transport?.descriptors ?? [] }
    var isConnecting: Bool { transport != nil && !isLive }
    var isAtRest: Bool { isLive && client?.isAtRest ?? false }

    // MARK: Connections

    /// Begins to connect. The first time, a device that polls logs in through a socket as well.
    func connect(to server: Endpoint, connection: Int) {
        cut()
        self.server = server
        heardAt = monotonicNow()
        self.connection = connection
        if door == .poll, !token.isEmpty {
            transport = try? PollTransport(to: server, source: source, token: token)
        } else {
            transport = try? SocketTransport(to: server, source: source)
        }
    }

    func cut() {
        transport?.close()
        transport = nil
        isLive = false
        pages.removeAll()
        owed.removeAll()
        refusedSince = nil
        client?.cut()
    }

    /// Whether the server is as good as gone: an answer is late.
    func isGivenUp(_ now: UInt64) -> Bool {
        guard let patience, transport != nil else { return false }
        if !isLive { return now > heardAt + patience }
        return owed.values.contains { now > $0 }
    }

    /// Asks for a sign of life where nothing else would bring one.
    func lookForLife(_ now: UInt64) {
        guard let patience, isLive, owed.isEmpty, now > heardAt + milliseconds(1_000),
            transport is SocketTransport
        else { return }
        owed[Self.ping] = now + patience
        transport?.send(["id": .string(String(Self.ping)), "ping": .object([:])])
    }

    private static let ping = -1

    /// Takes what has arrived.
    func advance() {
        do {
            for arrival in try transport?.advance() ?? [] {
                heardAt = monotonicNow()
                switch arrival {
                case .opened: greet()
                case .frame(let frame): try take(frame)
                case .closed: cut()
                }
            }
        } catch {
            complaint = "\(name)/\(index): \(error)"
            cut()
        }
    }

    private func greet() {
        if transport is PollTransport { return live() }
        var hi: [String: JSON] = ["version": 1, "agent": "martlet-probe/1"]
        if !token.isEmpty { hi["token"] = .string(token) }
        transport?.send(["id": "hi", "hi": .object(hi)])
    }

    private func live() {
        isLive = true
        if client == nil {
            wire = Wire(user: user)
            client = ChatClient(DeviceKey(user, index), history)
        }
        send(client?.connect() ?? [])
    }

    private func send(_ calls: [ClientCall]) {
        for call in calls {
            if case .history(let conversation, let range, _) = call.request {
                pages[call.id] = (conversation, range)
            }
            if case .send = call.request { sending = call.id }
            var frame = wire.frame(call)
            if let patience { owed[call.id] = monotonicNow() + patience }
            if door == .poll, case .object(var members) = frame,
                case .object(var sync)? = members["sync"]
            {
                sync["timeout"] = listens ? 20 : 0
                if listens { owed[call.id]? += milliseconds(20_000) }
                members["sync"] = .object(sync)
                frame = .object(members)
            }
            transport?.send(frame)
        }
    }

    // MARK: Frames

    private func take(_ frame: JSON) throws {
        if let event = frame["event"] {
            guard isLive,
                let calls = client?.receive(
                    try wire.event(event), epoch: epoch, connection: connection)
            else { return }
            return send(calls)
        }
        guard let id = frame["id"]?.string else { return }
        if frame["error"]?["code"] == "unknown_verb" { hasUnknownVerb = true }
        guard let number = Int(id) else { return try enter(frame) }
        owed[number] = nil
        if number == Self.ping { return }
        let answer = try wire.answer(frame, epoch: epoch)
        if frame["error"]?["code"] == "read_only" { refusedSince = 0 }
        note(answer, to: number, isRefusal: frame["error"]?["code"] == "unavailable")
        if case .noticed(.group(let group), _) = answer { groups.insert(.group(group)) }
        send(client?.receive(answer, for: number) ?? [])
        goOn(answer, number)
    }

    /// What becomes of a message, and whether the server stores any.
    private func note(_ answer: ClientAnswer, to number: Int, isRefusal: Bool) {
        if isRefusal, refusedSince == nil { refusedSince = monotonicNow() }
        guard number == sending else { return }
        switch answer {
        case .sent(let sent):
            unsettled -= 1
            if !sent.isRepeat { acknowledged += 1 }
            refusedSince = nil
        case .failed(isFinal: true): unsettled -= 1
        default: break
        }
    }

    /// A reader of everything turns the page; a device that polls polls again.
    private func goOn(_ answer: ClientAnswer, _ number: Int) {
        let page = pages.removeValue(forKey: number)
        switch answer {
        case .history(let messages, hasMore: true):
            guard readsAll, let (conversation, range) = page, case .after = range,
                let last = messages.last
            else { return }
            ask(conversation, .after(last.number), limit: 100)
        case .page where door == .poll && listens && transport is PollTransport:
            send(client?.poll() ?? [])
        default: break
        }
    }

    /// Answers of the time before the device is live.
    private func enter(_ frame: JSON) throws {
        if let hi = frame["hi"] {
            // One that only reads may be behind what this client has seen elsewhere.
            if hi["readOnly"] != nil { return cut() }
            if let found = hi["epoch"]?.integer { epoch = UInt64(found) }
            if hi["session"] != nil { return live() }
            if let error = hi["error"] {
                // A token that was told is kept, whatever happened since.
                if error["code"] == "unauthorized" { complaint = "\(name): \(error.text())" }
                return cut()
            }
            let verb = mayRegister ? "register" : "login"
            return transport?.send([
                "id": .string(verb),
                verb: ["name": .string(name), "password": "correct horse battery"],
            ]) ?? ()
        }
        if let session = frame["register"] ?? frame["login"] {
            token = session["token"]?.string ?? ""
            user = try Wire.id(session["user"])
            mayRegister = false
            if door == .poll { cut() } else { live() }
        } else if frame["error"]?["code"] == "name_taken" {
            mayRegister = false
            cut()
        } else {
            cut()
        }
    }

    // MARK: What the person does

    func compose(_ conversation: ConversationKey, _ content: String) {
        unsettled += 1
        let calls = client?.compose(conversation, clientMessageID: content, content: content)
        send(calls ?? [])
    }

    func ask(_ conversation: ConversationKey, _ range: SeenRange, limit: Int) {
        send(client?.ask(conversation, range, limit: limit) ?? [])
    }

    func askForSummaries() { send(client?.askForSummaries() ?? []) }

    func move(_ receipt: SeenReceipt, _ conversation: ConversationKey, upTo: UInt64) {
        send(client?.move(receipt, conversation, upTo: upTo) ?? [])
    }

    func create(_ name: String, members: [UInt64]) {
        send(client?.create(name, members: members, clientMessageID: name) ?? [])
    }

    func change(_ conversation: ConversationKey, _ change: ClientChange) {
        send(client?.change(conversation, change) ?? [])
    }

    /// Looks once for events, where nothing is pushed.
    func lookOnce() {
        if door == .poll { send(client?.poll() ?? []) }
    }

    func retry() { send(client?.retry() ?? []) }
}
