import Logging
import MartletChat
import MartletServer
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// HTTP connections of one hub, with a domain that knows the tokens "t" and "u" of user 1, and
/// answers reads with the events that the test has put into the inbox.
final class DoorFixture {
    /// The inbox of user 1.
    final class Inbox {
        var events: [InboxEvent] = []
        var reads = 0
        var authentications = 0
    }

    let inbox = Inbox()
    let loop = EmbeddedEventLoop()
    let hub: Hub
    let site: HTTPHandler.Site
    private(set) var channels: [EmbeddedChannel] = []

    init(
        limits: ChatServerLimits = .off, maxSockets: Int = 20_000,
        allowedOrigins: Set<String> = [],
        logger: Logger = Gate.silence, now: @escaping @Sendable () -> UInt64 = { 0 }
    ) throws {
        let bound = NIOLoopBound(inbox, eventLoop: loop)
        let port = ChatPort(epoch: 3) { call, reply in
            Self.answer(call, bound.value, reply)
        }
        hub = Hub(
            port: port,
            settings: SocketSettings(
                facts: ServerFacts(build: "b"), maxSocketsPerLoop: maxSockets
            ) { 1_000_000 },
            gate: Gate(limits, logger: logger, now: now))
        hub.attachMailbox(on: loop)
        site = HTTPHandler.Site(
            hub: hub, files: StaticFiles(["index.html": Array("<p>hi".utf8)]),
            allowedOrigins: allowedOrigins, isHealthy: { true })
    }

    private static func answer(_ call: ChatCall, _ inbox: Inbox, _ reply: ChatPort.Reply) {
        switch call {
        case .authenticate(let token) where ["t", "u"].contains(token):
            inbox.authentications += 1
            reply(.session(SessionScript.session(expiresAt: .max >> 11)))
        case .authenticate(let token) where token == "a.b.c":
            let error = ChatError(.unauthorized, "not accepted")
            reply(.refused(error, reason: "signature"))
        case .find(let name) where name == "broken":
            reply(.failure(ChatError(.internal, "stored bytes are damaged")))
        case .events(_, let seq, let limit):
            inbox.reads += 1
            let page = inbox.events.filter { $0.seq > seq }.prefix(limit)
            let last = inbox.events.last?.seq ?? 0
            let end = InboxCursor(epoch: 3, seq: page.last?.seq ?? min(seq, last))
            reply(.events(Array(page), end, limited: last > end.seq))
        case .latestCursor:
            reply(.cursor(InboxCursor(epoch: 3, seq: inbox.events.last?.seq ?? 0)))
        case .find(let name):
            reply(.user(UserID(rawValue: 2), name: name))
        case .logOut:
            reply(.done)
        default:
            reply(.failure(ChatError(.unauthorized, "log in again")))
        }
    }

    /// A new connection.
    func connect() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        try HTTPPipeline.add(to: channel, site)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channels.append(channel)
        return channel
    }

    func send(_ text: String, on channel: EmbeddedChannel) {
        _ = try? channel.writeInbound(ByteBuffer(string: text))
        loop.run()
    }

    /// What was written since the last call.
    func received(on channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(decoding: part.readableBytesView, as: UTF8.self)
        }
        return text
    }

    func post(_ path: String, _ body: String, token: String? = "t", on channel: EmbeddedChannel) {
        let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        send(
            "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "\(authorization)Content-Length: \(body.utf8.count)\r\n\r\n\(body)", on: channel)
    }

    func poll(_ seq: Int, timeout: Int = 20, token: String? = "t", on channel: EmbeddedChannel) {
        post(
            "/v1/poll", #"{"epoch":3,"seq":\#(seq),"timeout":\#(timeout)}"#, token: token,
            on: channel)
    }

    /// One event of user 1, stored and told.
    func happen(_ seq: UInt64) {
        let event = InboxEvent(
            seq: seq, kind: .delivered(ConversationID(rawValue: 2), upTo: seq))
        inbox.events.append(event)
        hub.deliver(event, to: UserID(rawValue: 1))
        loop.run()
    }

    func tick(_ seconds: Int) {
        for _ in 0..<seconds { hub.tick() }
        loop.run()
    }

    static func page(_ seqs: UInt64...) -> String {
        let events = seqs.map {
            #"{"seq":\#($0),"delivered":{"conversation":"0000000000000002","upTo":\#($0)}}"#
        }
        return events.joined(separator: ",")
    }
}
