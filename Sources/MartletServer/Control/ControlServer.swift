package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// Serves a `ControlRouter` on the control socket, and `/metrics` of it on a TCP port if one is
/// configured. On an event loop of its own, so that a stuck loop of the sockets can still be asked
/// about.
public final class ControlServer: Service {
    /// Where to serve.
    package struct Configuration: Sendable {
        /// The Unix domain socket's path.
        package var socket: String
        /// A loopback address and port for `/metrics`; `nil` for none.
        package var metrics: (host: String, port: Int)?

        package init(socket: String, metrics: (host: String, port: Int)? = nil) {
            self.socket = socket
            self.metrics = metrics
        }
    }

    /// Connections that each of the two listeners serves at once; more are closed without a word.
    package static let connectionsMost = 64

    private let configuration: Configuration
    private let router: ControlRouter
    private let logger: Logger

    package init(configuration: Configuration, router: ControlRouter, logger: Logger) {
        self.configuration = configuration
        self.router = router
        self.logger = logger
    }

    /// Serves until a graceful shutdown or the task's cancellation. A control socket that cannot
    /// be had is logged, and no reason not to serve chat.
    /// - Throws: `ListenError` if the metrics address cannot be had.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            var listeners: [any Channel] = []
            if let control = await listenForControl(group) { listeners.append(control) }
            if let metrics = try await listenForMetrics(group) { listeners.append(metrics) }
            let open = listeners
            await withTaskCancellationOrGracefulShutdownHandler {
                if open.isEmpty {
                    try? await gracefulShutdown()
                } else {
                    for listener in open { try? await listener.closeFuture.get() }
                }
            } onCancelOrGracefulShutdown: {
                for listener in open { listener.close(promise: nil) }
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        ControlSocket.remove(configuration.socket)
        try await group.shutdownGracefully()
    }

    private func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ router: ControlRouter
    ) -> ServerBootstrap {
        let open = ControlConnections()
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try open.take(channel)
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderListSize = 16 << 10
                    let decoder = ByteToMessageHandler(
                        HTTPRequestDecoder(limitConfiguration: limits))
                    try channel.pipeline.syncOperations.addHandlers([
                        decoder, HTTPResponseEncoder(), ControlHandler(router),
                    ])
                }
            }
    }

    private func listenForControl(_ group: MultiThreadedEventLoopGroup) async -> (any Channel)? {
        do {
            let descriptor = try ControlSocket.bind(configuration.socket)
            return try await bootstrap(group, router).withBoundSocket(descriptor).get()
        } catch {
            logger.warning("no control socket", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Nothing but the metrics: whoever reaches the port may read them, and do nothing.
    private func listenForMetrics(
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> (any Channel)? {
        guard let (host, port) = configuration.metrics else { return nil }
        do {
            let channel = try await bootstrap(group, router.only("/metrics"))
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            let bound = channel.localAddress?.port ?? port
            logger.info("metrics are served", metadata: ["address": "\(host):\(bound)"])
            return channel
        } catch {
            throw ListenError(host: host, port: port, underlying: error)
        }
    }
}

/// Counts the open connections of one listener.
private final class ControlConnections: Sendable {
    struct Full: Error {}

    private let count = Atomic<Int>(0)

    /// - Throws: `Full`; the channel is closed then.
    func take(_ channel: any Channel) throws(Full) {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        channel.closeFuture.whenComplete { [self] _ in
            count.wrappingSubtract(1, ordering: .relaxed)
        }
        if number > ControlServer.connectionsMost { throw Full() }
    }
}
