public import Logging
public import MartletChat
import NIOConcurrencyHelpers
import MartletStore
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
    private let certificate = NIOLockedValueBox<ServerCertificate?>(nil)
    private let pushes = NIOLockedValueBox<PushService?>(nil)

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

    /// Has pushes that were given up and are in the outbox again sent.
    package func resumePushes(_ pushes: [StoredPush]) {
        self.pushes.withLockedValue { $0 }?.resume(pushes)
    }

    /// Reads the certificate's files again: new connections get the new certificate, open ones
    /// stay. What cannot be read is logged, and the old one stays in use. Blocks.
    public func reloadCertificate() {
        guard let certificate = certificate.withLockedValue({ $0 }) else { return }
        do {
            try certificate.reload()
            logger.info("certificate reloaded")
        } catch {
            logger.error("certificate not reloaded: \(error)")
        }
    }

    /// Serves until a graceful shutdown or the task's cancellation, then tells every socket to
    /// come back later, lets open requests finish, and returns.
    /// - Throws: `ConfigurationError`; `ListenError` if the address cannot be had.
    public func run() async throws {
        let certificate = try configuration.tls.map { try ServerCertificate($0) }
        self.certificate.withLockedValue { $0 = certificate }
        let gate = try Gate(configuration, logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        for loop in group.makeIterator() {
            loop.execute { Environment.system.background.shortenSlices() }
        }
        do {
            try await serve(on: group, gate, certificate)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(
        on group: MultiThreadedEventLoopGroup, _ gate: Gate, _ certificate: ServerCertificate?
    ) async throws {
        var issuer: JWTVerifier?
        if let jwt = configuration.jwt {
            issuer = try await JWTVerifier(jwt, logger: logger, clock: configuration.clock)
        }
        let presence = PresenceDesk(
            PresenceSource(chat), registry: registry, clock: configuration.clock)
        let hubs = try await HubGroup(
            group,
            port: ChatPort(
                chat, issuer: issuer, push: configuration.push, clock: configuration.clock
            ).with(presence),
            gate: gate, presence: presence, facts: ServerFacts(configuration, chat.options),
            configuration: configuration, registry: registry, isHealthy: isHealthy)
        registry.onReading { [chat] text in
            hubs.post(.measure)
            text.add(chat.failedStatistics)
        }
        chat.setAssignmentObserver { [registry] in
            let stage = ServerMetrics.LatencyStage.assign.index
            registry.shared.record(registry.metrics.latency, stage, $0)
        }
        chat.logFailures(to: logger)
        chat.setSessionObserver { hubs.post(.ended($0)) }
        defer { chat.setSessionObserver { _ in } }
        let pushes = try PushService(configuration, chat, registry, logger)
        self.pushes.withLockedValue { $0 = pushes }
        defer { self.pushes.withLockedValue { $0 = nil } }
        chat.setObserver(
            { [pushes] deliveries in
                hubs.hold(with: .events(deliveries))
                pushes?.notice(deliveries)
            },
            answered: { hubs.release() })
        defer { chat.setObserver { _ in } }
        let pushing = Task { await pushes?.run() }
        let listener = try await listen(on: group, hubs, certificate)
        let port = listener.localAddress?.port ?? configuration.port
        whenListening.withLockedValue { $0 }(port)
        let watch = Task { [logger, configuration] in
            guard let certificate else { return }
            await CertificateWatch.run(
                certificate, every: configuration.certificateSeconds, logger)
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await listener.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            listener.close(promise: nil)
        }
        watch.cancel()
        logger.info("draining")
        await hubs.drain(seconds: configuration.drainSeconds)
        pushing.cancel()
        await pushes?.stop()
        await pushing.value
        presence.close()
    }

    private func listen(
        on group: MultiThreadedEventLoopGroup, _ hubs: HubGroup, _ certificate: ServerCertificate?
    ) async throws -> any Channel {
        do {
            let address = try SocketAddress.makeAddressResolvingHost(
                configuration.host, port: configuration.port)
            try configuration.checkExposure(of: address)
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
                .childChannelInitializer { channel in hubs.open(channel, certificate) }
                .bind(to: address)
                .get()
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ListenError(
                host: configuration.host, port: configuration.port, underlying: error)
        }
    }
}

extension ChatServerConfiguration {
    /// Plain HTTP stays on this machine unless somebody has asked for the opposite.
    func checkExposure(of address: SocketAddress) throws(ConfigurationError) {
        if tls != nil || allowsInsecureHTTP || ClientAddress(address).isLoopback { return }
        throw ConfigurationError(
            .insecureAddress,
            "\(host) is reachable from other machines, and plain HTTP shows them passwords: "
                + "give a certificate, or allow insecure HTTP")
    }
}

extension ServerFacts {
    fileprivate init(_ configuration: ChatServerConfiguration, _ chat: ChatOptions) {
        self.init(
            build: configuration.build, pingSeconds: configuration.pingSeconds,
            pongSeconds: configuration.pongSeconds)
        push = PushFacts(configuration.push)
        windows = ChangeWindows(
            edit: chat.editWindow.map { $0 / 1_000_000 },
            delete: chat.deleteWindow.map { $0 / 1_000_000 })
    }
}

extension Gate {
    /// The gate of a server that is configured so.
    convenience init(
        _ configuration: ChatServerConfiguration, _ logger: Logger
    ) throws(ConfigurationError) {
        var proxies: Set<ClientAddress> = []
        for text in configuration.trustedProxies {
            guard let address = ClientAddress(text) else {
                throw ConfigurationError(.proxyAddress, "\(text) is not an IP address")
            }
            proxies.insert(address)
        }
        self.init(
            configuration.limits, trustedProxies: proxies,
            plainMost: max(1, configuration.maxSockets), logger: logger)
    }
}
