import MartletChat
import MartletServer
import NIOCore
import NIOEmbedded
import Testing

/// One `SocketHandler` on an `EmbeddedChannel`, with a domain that knows one token.
final class SocketFixture {
    let channel = EmbeddedChannel()
    let hub: Hub
    private let queued: Counter

    final class Counter {
        var bytes = 0
    }

    /// - Parameters:
    ///   - port: another domain.
    ///   - now: microseconds of the limits' clock.
    init(
        maxQueuedBytes: Int = 1 << 20, facts: ServerFacts = ServerFacts(build: "b"),
        limits: ChatServerLimits = .off, isEcho: Bool = false, port other: ChatPort? = nil,
        now: @escaping @Sendable () -> UInt64 = { 0 }
    ) throws {
        let port =
            other
            ?? ChatPort(epoch: 3) { call, reply in
                switch call {
                case .authenticate(let token) where token == "t":
                    reply(.session(SessionScript.session(expiresAt: .max >> 11)))
                default:
                    reply(.failure(ChatError(.unauthorized, "log in again")))
                }
            }
        hub = Hub(
            port: port,
            settings: SocketSettings(
                facts: facts, maxQueuedBytes: maxQueuedBytes
            ) { 1_000_000 },
            gate: Gate(limits, now: now))
        hub.attachMailbox(on: channel.eventLoop)
        let queued = Counter()
        self.queued = queued
        try channel.pipeline.syncOperations.addHandler(
            SocketHandler(hub: hub, peer: try hub.newPeer(), isEcho: isEcho) { _ in queued.bytes })
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// What the channel pretends to hold back.
    var queuedBytes: Int {
        get { queued.bytes }
        set { queued.bytes = newValue }
    }

    func receive(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func tick(_ seconds: Int) {
        for _ in 0..<seconds { hub.tick() }
        channel.embeddedEventLoop.run()
    }

    func authenticate() throws {
        try receive(clientText(#"{"hi":{"version":1,"agent":"a","token":"t"}}"#))
        _ = try frames()
    }

    /// What was sent, frame by frame: texts, and words for control frames.
    func frames() throws -> [String] { try Self.frames(of: channel) }

    static func frames(of channel: EmbeddedChannel) throws -> [String] {
        var bytes = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { bytes.writeBuffer(&part) }
        var frames: [String] = []
        while let first = bytes.readInteger(as: UInt8.self),
            let short = bytes.readInteger(as: UInt8.self)
        {
            var length = Int(short)
            if short == 126 { length = Int(bytes.readInteger(as: UInt16.self) ?? 0) }
            if short == 127 { length = Int(bytes.readInteger(as: UInt64.self) ?? 0) }
            guard var payload = bytes.readSlice(length: length) else { return frames + ["torn"] }
            switch first {
            case 0x81: frames.append(String(buffer: payload))
            case 0x88: frames.append("close \(payload.readInteger(as: UInt16.self) ?? 0)")
            case 0x89: frames.append("ping")
            case 0x8A: frames.append("pong " + String(buffer: payload))
            default: frames.append("opcode \(first)")
            }
        }
        return frames
    }
}

extension Hub {
    /// A far end at an unknown address.
    func newPeer() throws -> Peer {
        try #require(gate.open(ClientAddress(nil)))
    }
}
