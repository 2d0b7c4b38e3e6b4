import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// A push service on a local port, which remembers what it was sent and answers what it is told to.
final class ServiceStandIn: Sendable {
    struct Request: Sendable {
        var method: String
        var uri: String
        var version: String
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Answer: Sendable {
        var status: Int
        var headers: [(String, String)] = []
        var body = ""
        /// Whether the body goes on for ever.
        var isEndless = false
    }

    enum Transport {
        case plain
        /// With TLS; HTTP/2 where the client can.
        case secure
    }

    typealias Script = @Sendable (Request) -> Answer

    private let log: Mutex<[Request]> = Mutex([])
    private let script: Script
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    private init(_ script: @escaping Script) { self.script = script }

    static func start(
        _ transport: Transport = .plain, _ script: @escaping Script
    ) async throws -> ServiceStandIn {
        let standIn = ServiceStandIn(script)
        let context = transport == .secure ? try tls() : nil
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try standIn.prepare(channel, context) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        standIn.channel.withLock { $0 = channel }
        return standIn
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var requests: [Request] { log.withLock { $0 } }

    func stop() async { try? await channel.withLock { $0 }?.close() }

    func answer(_ request: Request) -> Answer {
        log.withLock { $0.append(request) }
        return script(request)
    }

    private func prepare(_ channel: any Channel, _ context: NIOSSLContext?) throws {
        guard let context else {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(StandInHandler(self))
            return
        }
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        channel.configureHTTP2SecureUpgrade(
            h2ChannelConfigurator: { channel in
                channel.configureHTTP2Pipeline(mode: .server) { stream in
                    stream.eventLoop.makeCompletedFuture {
                        let pipeline = stream.pipeline.syncOperations
                        try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                        try pipeline.addHandler(StandInHandler(self))
                    }
                }.map { _ in }
            },
            http1ChannelConfigurator: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(StandInHandler(self))
                }
            }
        ).whenFailure { _ in channel.close(promise: nil) }
    }

    private static func tls() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(TestKeys.certificate.utf8))
        let key = try NIOSSLPrivateKey(
            bytes: Array(TestKeys.certificateKey.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}

private final class StandInHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: ServiceStandIn
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ service: ServiceStandIn) { self.service = service }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let fields = head.headers.map { ($0.name.lowercased(), $0.value) }
            let request = ServiceStandIn.Request(
                method: head.method.rawValue, uri: head.uri, version: "\(head.version)",
                headers: Dictionary(fields) { "\($0), \($1)" }, body: body)
            write(service.answer(request), head.version, context)
        }
    }

    private func write(
        _ answer: ServiceStandIn.Answer, _ version: HTTPVersion, _ context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders(answer.headers)
        if !answer.isEndless {
            headers.add(name: "content-length", value: "\(answer.body.utf8.count)")
        }
        let head = HTTPResponseHead(
            version: version, status: .init(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = ByteBuffer(string: answer.body)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        if answer.isEndless { return context.flush() }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
