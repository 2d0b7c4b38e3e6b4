import MartletChat
import MartletServer
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import Testing

/// Sockets of one hub that share who is online. The token of user N is "N"; user 9 may be seen by
/// nobody, and takes nobody's messages.
final class PresenceFixture {
    let loop = EmbeddedEventLoop()
    let hub: Hub
    let desk: PresenceDesk
    /// Microseconds since 1970.
    let wall = NIOLockedValueBox<UInt64>(1_000_000)
    let recorded = NIOLockedValueBox<[LastSeen]>([])

    static let group = ConversationID(rawValue: 1 << 63 | 5)
    static let hidden = UserID(rawValue: 9)

    let registry = MetricRegistry()

    init(_ rules: PresenceRules = PresenceRules()) throws {
        desk = PresenceDesk(Self.source(recorded), rules: rules, registry: registry) { [wall] in
            wall.withLockedValue { $0 }
        }
        let port = ChatPort(epoch: 3) { call, reply in Self.answer(call, reply) }
        hub = Hub(
            port: port.with(desk),
            settings: SocketSettings(facts: ServerFacts(build: "b")) { [wall] in
                wall.withLockedValue { $0 }
            }, gate: Gate(.off), meter: HubMeter(registry))
        hub.attachMailbox(on: loop)
        hub.share(desk)
    }

    private static func source(_ recorded: NIOLockedValueBox<[LastSeen]>) -> PresenceSource {
        var source = PresenceSource()
        source.visible = { users, _, reply in
            reply(
                .success(
                    users.map { user in
                        VisiblePresence(user: user, isVisible: user != hidden, lastSeen: 5)
                    }))
        }
        source.audiences = { questions, reply in
            reply(.success(questions.map { $0.user == hidden ? [] : $0.viewers }))
        }
        source.receipts = { questions, reply in
            reply(
                .success(
                    questions.map { group, question in
                        GroupReceipt(
                            group: group, user: question.user, delivered: 8, read: 7,
                            audience: question.viewers)
                    }))
        }
        source.typing = { user, conversation, reply in
            let others = [1, 2, 3].map { UserID(rawValue: $0) }.filter { $0 != user }
            let peer = conversation.peer
            reply(.success(conversation.isGroup ? others : peer == hidden ? [] : [peer]))
        }
        source.record = { seen, reply in
            recorded.withLockedValue { $0 += seen }
            reply(.success(()))
        }
        return source
    }

    private static func answer(_ call: ChatCall, _ reply: ChatPort.Reply) {
        switch call {
        case .authenticate(let token):
            reply(.session(SessionScript.session(UInt64(token) ?? 0, expiresAt: .max >> 11)))
        case .send(_, let conversation, _, _, _):
            var receipt = SendReceipt(
                conversation: conversation, number: 1, seq: 1, sentAt: 2, isDuplicate: false)
            receipt.showsPeer = conversation.peer != hidden
            reply(.receipt(receipt))
        case .markRead(_, _, let number):
            reply(.moved(number))
        case .events(_, let seq, _):
            reply(.events([], InboxCursor(epoch: 3, seq: seq), limited: false))
        case .logOut:
            reply(.done)
        default:
            reply(.failure(ChatError(.notFound, "nothing here")))
        }
    }

    /// A socket of this user, authenticated.
    func connect(_ user: UInt64) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(
            SocketHandler(hub: hub, peer: try hub.newPeer()))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        _ = try say(#"{"hi":{"version":1,"agent":"a","token":"\#(user)"}}"#, on: channel)
        return channel
    }

    /// A poll of this user that is parked, for `timeout` seconds.
    func poll(_ user: UInt64, timeout: Int) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(loop: loop)
        let site = HTTPHandler.Site(
            hub: hub, files: StaticFiles([:]), allowedOrigins: [], isHealthy: { true })
        try HTTPPipeline.add(to: channel, site)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let body = #"{"epoch":3,"seq":0,"timeout":\#(timeout)}"#
        let head =
            "POST /v1/poll HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Authorization: Bearer \(user)\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try channel.writeInbound(ByteBuffer(string: head + body))
        loop.run()
        return channel
    }

    /// The answers, and what was pushed before.
    func say(_ text: String, on channel: EmbeddedChannel) throws -> [String] {
        try channel.writeInbound(ByteBuffer(bytes: clientText(text)))
        loop.run()
        return try frames(of: channel)
    }

    func frames(of channel: EmbeddedChannel) throws -> [String] {
        try SocketFixture.frames(of: channel).filter { $0 != "ping" }
    }

    func leave(_ channel: EmbeddedChannel) throws {
        try channel.close().wait()
        loop.run()
    }

    func tick(_ seconds: Int) {
        for _ in 0..<seconds {
            wall.withLockedValue { $0 += 1_000_000 }
            hub.tick()
            desk.tick()
            loop.run()
        }
    }
}
