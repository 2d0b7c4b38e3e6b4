import Foundation
import Logging
import MartletChat
import MartletServer
import MartletStore
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL

/// A whole `ChatServer` on loopback, with a store in a directory of its own.
final class ServerFixture: Sendable {
    let directory: String
    let server: ChatServer
    private let store: Store
    private let chat: ChatService
    private let running: NIOLockedValueBox<Task<Void, any Error>?>

    /// - Parameter change: what to change about the configuration; it gets the directory.
    init(_ change: (inout ChatServerConfiguration, String) throws -> Void) throws {
        directory =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-server-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        store = try Store.open(at: directory + "/data")
        var options = ChatOptions()
        options.durability = .written
        options.passwordCost.logRounds = 4
        chat = try ChatService.open(store, options: options)
        var configuration = ChatServerConfiguration(port: 0)
        configuration.drainSeconds = 1
        try change(&configuration, directory)
        server = ChatServer(configuration: configuration, chat: chat, logger: Gate.silence)
        running = NIOLockedValueBox(nil)
    }

    deinit {
        chat.close()
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Starts the server; its port.
    func start() async throws -> Int {
        let ports = AsyncStream<Int>.makeStream()
        server.onListening { port in ports.continuation.yield(port) }
        running.withLockedValue {
            $0 = Task { [server] in
                defer { ports.continuation.finish() }
                try await server.run()
            }
        }
        for await port in ports.stream { return port }
        try await stop()
        throw ChannelError.connectPending
    }

    func stop() async throws {
        let task = running.withLockedValue { $0 }
        task?.cancel()
        try await task?.value
    }

    /// Puts a certificate where a server that was configured with `tls` looks for it.
    static func write(_ pair: TestCertificates.Pair, _ directory: String) throws -> TLSFiles {
        let files = TLSFiles(
            certificateChain: directory + "/certificate.pem", privateKey: directory + "/key.pem")
        try pair.certificate.write(
            toFile: files.certificateChain, atomically: true, encoding: .utf8)
        try pair.key.write(toFile: files.privateKey, atomically: true, encoding: .utf8)
        return files
    }
}

/// A TLS connection that trusts everybody and remembers whom.
final class SecureClient: Sendable {
    private let channel: any Channel
    private let seen = NIOLockedValueBox<[UInt8]>([])
    private let received = NIOLockedValueBox("")
    private let texts: AsyncStream<String>

    init(port: Int, upTo version: TLSVersion? = nil) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv1
        configuration.certificateVerification = .noHostnameVerification
        configuration.maximumTLSVersion = version
        let context = try NIOSSLContext(configuration: configuration)
        let stream = AsyncStream<String>.makeStream()
        texts = stream.stream
        channel = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .channelInitializer { [seen] channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(
                        context: context, serverHostname: nil,
                        customVerificationCallback: { certificates, promise in
                            let bytes = try? certificates.first?.toDERBytes()
                            seen.withLockedValue { $0 = bytes ?? [] }
                            promise.succeed(.certificateVerified)
                        })
                    try channel.pipeline.syncOperations.addHandlers([
                        tls, Collector(stream.continuation),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    /// What the server has shown, in DER.
    var certificate: [UInt8] { seen.withLockedValue { $0 } }

    /// Sends a request and waits for the part of its answer; all that has arrived.
    func ask(_ text: String, until end: String) async throws -> String {
        received.withLockedValue { $0 = "" }
        try await channel.writeAndFlush(ByteBuffer(string: text))
        for await text in texts {
            let all = received.withLockedValue { received in
                received += text
                return received
            }
            if all.contains(end) { return all }
        }
        return received.withLockedValue { $0 }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let texts: AsyncStream<String>.Continuation

        init(_ texts: AsyncStream<String>.Continuation) { self.texts = texts }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            texts.yield(String(buffer: unwrapInboundIn(data)))
        }

        func channelInactive(context: ChannelHandlerContext) { texts.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            texts.finish()
            context.close(promise: nil)
        }
    }
}
