public import Logging
public import MartletChat
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// The edge: HTTP and WebSockets in front of a `ChatService`. The protocol is
/// `docs/protocol/chat.md`.
public final class ChatServer: Service {
    private let configuration: ChatServerConfiguration
    private let chat: ChatService
    private let isHealthy: @Sendable () -> Bool
    private let logger: Logger
    private let registry: MetricRegistry
    private let whenListening = NIOLockedValueBox<@Sendable (Int) -> Void>({ _ in })

    /// - Parameters:
    ///   - chat: stays open until `run` has returned; its observer is taken by this server.
    ///   - isHealthy: whether the store takes writes; `/readyz` tells it. Called on event loops.
    public convenience init(
        configuration: ChatServerConfiguration, chat: ChatService, logger: Logger,
        isHealthy: @escaping @Sendable () -> Bool = { true }
    ) {
        self.init(
            configuration: configuration, chat: chat, logger: logger, registry: MetricRegistry(),
            isHealthy: isHealthy)
    }

    /// - Parameter registry: where the server counts.
    package init(
        configuration: ChatServerConfiguration, chat: ChatService, logger: Logger,
        registry: MetricRegistry, isHealthy: @escaping @Sendable () -> Bool
    ) {
        self.registry = registry
        self.configuration = configuration
        self.chat = chat
        self.isHealthy = isHealthy
        self.logger = logger
    }

    /// Has `body` called with the port once the server accepts connections. Set it before `run`.
    public func onListening(_ body: @escaping @Sendable (Int) -> Void) {
        whenListening.withLockedValue { $0 = body }
    }

    /// Serves until a graceful shutdown or the task's cancellation, then tells every socket to
    /// come back later, lets open requests finish, and returns.
    /// - Throws: `ListenError` if the address cannot be had.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        do {
            try await serve(on: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        let hubs = try await HubGroup(
            group, port: ChatPort(chat), configuration: configuration, registry: registry,
            isHealthy: isHealthy)
        registry.onReading { _ in hubs.post(.measure) }
        chat.setObserver { user, event in hubs.post(.event(user, event)) }
        defer { chat.setObserver { _, _ in } }
        let listener = try await listen(on: group, hubs)
        let port = listener.localAddress?.port ?? configuration.port
        whenListening.withLockedValue { $0 }(port)
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await listener.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            listener.close(promise: nil)
        }
        logger.info("draining")
        await hubs.drain(seconds: configuration.drainSeconds)
    }

    private func listen(
        on group: MultiThreadedEventLoopGroup, _ hubs: HubGroup
    ) async throws -> any Channel {
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 4)
                .childChannelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024)
                )
                .childChannelOption(
                    .writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10)
                )
                .childChannelInitializer { channel in hubs.open(channel) }
                .bind(host: configuration.host, port: configuration.port)
                .get()
        } catch {
            throw ListenError(
                host: configuration.host, port: configuration.port, underlying: error)
        }
    }
}
