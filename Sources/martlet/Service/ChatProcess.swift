import ArgumentParser
import Logging
import MartletChat
import MartletReplication
import MartletServer
import MartletStore
import ServiceLifecycle
import Synchronization
import UnixSignals

/// What runs in a serving process, and how it starts and stops: the chat server, and beside it the
/// control socket, which is there first and goes last.
struct ChatProcess {
    let config: Config
    let settings: ChatServerConfiguration
    let store: Store
    let chat: ChatService
    let logger: Logger

    func run() async throws {
        let registry = MetricRegistry()
        let state = ProcessState()
        let server = ChatServer(
            configuration: settings, chat: chat, logger: logger,
            registry: registry
        ) { [store] in store.failure == nil && store.role == .primary }
        let (host, data) = (config.text("server.host"), config.text("server.data"))
        let scheme = settings.tls == nil ? "http" : "https"
        let shownHost = host.contains(":") ? "[\(host)]" : host
        server.onListening { [logger] port in
            logger.info("Martlet is ready at \(scheme)://\(shownHost):\(port)/ (data in \(data))")
            state.isListening.store(true, ordering: .relaxed)
            ServiceNotice.send("READY=1")
        }
        let routes = ServerRoutes(
            version: MartletCommand.configuration.version, directory: OpenData.absolute(data),
            store: store, registry: registry,
            isReady: { [store] in
                state.isListening.load(ordering: .relaxed) && store.role == .primary
            },
            background: { Environment.system.background.spawn("martlet-control", $0) })
        let control = ControlServer(
            configuration: try ServeSettings.control(config),
            router: ControlRouter(
                routes.all + AdminRoutes.all(AdminPort(chat)) + FailedRoutes.all(chat)
                    + pushRoutes(server)), logger: logger)
        let desk = DeskService(
            store: store, socket: ServeSettings.compactionSocket(config), logger: logger)
        // Stopped in the opposite order.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        let primary = primaryStorage()
        registry.onReading { [store] text in text.add(store, primary?.standing()) }
        if let primary {
            // There before the first send, and gone after the last.
            services.append(
                .init(
                    service: LinkProcess(storage: primary, data: store.directory, logger: logger),
                    successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .cancelGroup))
        }
        services += [
            .init(
                service: desk, successTerminationBehavior: .ignore,
                failureTerminationBehavior: .ignore),
            .init(
                service: control, successTerminationBehavior: .ignore,
                failureTerminationBehavior: .cancelGroup),
            .init(
                service: StopNotice(service: server, state: state),
                successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup),
        ]
        if settings.tls != nil {
            services.append(
                .init(
                    service: ReloadOnHangup(server: server), successTerminationBehavior: .ignore))
        }
        var lifecycle = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        let drain = (config.milliseconds("server.drain") ?? 0) / 1_000
        lifecycle.maximumGracefulShutdownDuration = .seconds(drain + 15)
        try await ServiceGroup(configuration: lifecycle).run()
    }
}

extension ChatProcess {
    /// What a shipper is told, where one may attach.
    private func primaryStorage() -> StorePrimary? {
        guard config.bool("replication.serve") else { return nil }
        return StorePrimary(
            store, replicas: config.integer("replication.followers"), environment: .system)
    }

    private func pushRoutes(_ server: ChatServer) -> [ControlRoute] {
        PushRoutes(
            chat, lifetimeSeconds: settings.push.lifetimeSeconds, now: settings.clock,
            resume: { server.resumePushes($0) }
        ).all
    }
}

/// What the process tells of itself.
final class ProcessState: Sendable {
    let isListening = Atomic<Bool>(false)
}

/// The chat server, with the stop told to whoever started the process.
private struct StopNotice: Service {
    let service: ChatServer
    let state: ProcessState

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await service.run()
        } onGracefulShutdown: {
            state.isListening.store(false, ordering: .relaxed)
            ServiceNotice.send("STOPPING=1")
        }
    }
}
