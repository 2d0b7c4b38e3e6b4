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
    let options: ChatOptions
    let logger: Logger
    /// None where somebody else in the process listens for them.
    var signals: [UnixSignal] = [.sigterm, .sigint]

    func run() async throws {
        let registry = MetricRegistry()
        let state = ProcessState()
        let primary = try link()
        let door = ChatDoor(
            settings: settings, options: options, store: store, registry: registry, state: state,
            logger: logger, primary: primary, address: address)
        let desk = DeskService(
            store: store, socket: ServeSettings.compactionSocket(config), logger: logger)
        // Stopped in the opposite order.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        registry.onReading { [store] text in text.add(store, primary?.standing()) }
        if let primary {
            // There before the first send, and gone after the last.
            services.append(
                .init(
                    service: LinkProcess(store: store, primary: primary, logger: logger),
                    successTerminationBehavior: .ignore,
                    failureTerminationBehavior: .cancelGroup))
        }
        services += [
            .init(
                service: desk, successTerminationBehavior: .ignore,
                failureTerminationBehavior: .ignore),
            .init(
                service: try control(registry, state), successTerminationBehavior: .ignore,
                failureTerminationBehavior: .cancelGroup),
            .init(
                service: door, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup),
        ]
        var lifecycle = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: logger)
        let drain = (config.milliseconds("server.drain") ?? 0) / 1_000
        lifecycle.maximumGracefulShutdownDuration = .seconds(drain + 15)
        try await ServiceGroup(configuration: lifecycle).run()
    }

    /// What a shipper attaches to, where one may; and what followers may count on from now on.
    private func link() throws -> StorePrimary? {
        let followers = config.integer("replication.followers")
        if store.role == .primary, followers < store.readersWaitFor {
            logger.warning(
                "fewer followers are waited for than before: clients begin afresh",
                metadata: ["before": "\(store.readersWaitFor)", "now": "\(followers)"])
            try store.readersWait(for: followers)
        }
        guard config.bool("replication.serve") else { return nil }
        return StorePrimary(store, replicas: followers, environment: .system)
    }

    private func control(_ registry: MetricRegistry, _ state: ProcessState) throws -> ControlServer
    {
        let routes = ServerRoutes(
            version: MartletCommand.configuration.version,
            directory: OpenData.absolute(config.text("server.data")), store: store,
            registry: registry,
            isReady: { [store] in
                state.isListening.load(ordering: .relaxed) && store.role == .primary
            }, waitsFor: { state.why },
            background: { Environment.system.background.spawn("martlet-control", $0) })
        return ControlServer(
            configuration: try ServeSettings.control(config),
            router: ControlRouter(routes.all, later: state.routes), logger: logger)
    }

    private var address: @Sendable (Int) -> String {
        let (host, data) = (config.text("server.host"), config.text("server.data"))
        let scheme = settings.tls == nil ? "http" : "https"
        let shownHost = host.contains(":") ? "[\(host)]" : host
        return { "\(scheme)://\(shownHost):\($0)/ (data in \(data))" }
    }
}
