package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle

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
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
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
