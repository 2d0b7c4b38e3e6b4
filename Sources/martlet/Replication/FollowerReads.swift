import Logging
import MartletChat
import MartletReplication
import MartletServer
import MartletStore
import ServiceLifecycle
import Synchronization

/// The chat server on a follower's store, which takes no writes.
///
/// It is there while a store with the chat's tables is open. Where the store is cut or replaced, or
/// cursors become void, the server ends before that, telling its clients to come back, and another
/// one begins on what is there then: what a server knows of its store never changes under it.
final class FollowerReads: Sendable {
    private struct Running {
        var chat: ChatService
        var registry: MetricRegistry
        var group: ServiceGroup
        var task: Task<Void, Never>
    }

    private struct State {
        var running: Running?
        /// Why no server could begin.
        var failure: (any Error)?
        var primary: @Sendable () -> String? = { nil }
        var onFailure: @Sendable () -> Void = {}
    }

    private let config: Config
    private let settings: ChatServerConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(config: Config, settings: ChatServerConfiguration, logger: Logger) {
        self.config = config
        self.settings = settings
        self.logger = logger
    }

    /// Who looks at the store through this.
    var use: StoreUse {
        StoreUse(
            opened: { [self] in begin($0) }, closing: { [self] in waitForEnd() },
            applied: { [self] in tell($0) })
    }

    /// - Parameters:
    ///   - primary: where the writes are taken, if that is known.
    ///   - onFailure: called when no server can be had, such as for want of the port.
    func set(
        primary: @escaping @Sendable () -> String?, onFailure: @escaping @Sendable () -> Void
    ) {
        let hasFailed = state.withLock { state in
            state.primary = primary
            state.onFailure = onFailure
            return state.failure != nil
        }
        if hasFailed { onFailure() }
    }

    /// Why no server could be had, if so.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Whether a server is there.
    var isServing: Bool { state.withLock { $0.running != nil } }

    /// The running server's metrics.
    var metrics: String { state.withLock { $0.running?.registry }?.text() ?? "" }

    private func begin(_ store: Store) {
        if isServing { return }
        var options = ServeSettings.chat(config)
        options.isReadOnly = true
        let chat: ChatService
        do throws(StoreError) {
            chat = try ChatService.open(store, options: options)
        } catch {
            // The chat's tables come with the log.
            if error.code != .notFound { logger.error("no reads: \(error)") }
            return
        }
        let registry = MetricRegistry()
        let server = ChatServer(
            configuration: settings, chat: chat, logger: logger, registry: registry,
            primary: { [self] in state.withLock { $0.primary }() }, isHealthy: { false })
        let scheme = settings.tls == nil ? "http" : "https"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        server.onListening { [logger] port in
            logger.info("Martlet can be read at \(scheme)://\(host):\(port)/")
        }
        let group = group(server)
        let task = Task { [self] in
            do {
                try await group.run()
            } catch {
                fail(error)
            }
        }
        state.withLock {
            $0.running = Running(chat: chat, registry: registry, group: group, task: task)
        }
    }

    private func group(_ server: ChatServer) -> ServiceGroup {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup)
        ]
        if settings.tls != nil {
            services.append(
                .init(
                    service: ReloadOnHangup(server: server), successTerminationBehavior: .ignore))
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.drainSeconds + 15)
        return ServiceGroup(configuration: configuration)
    }

    private func fail(_ error: any Error) {
        logger.error("reads are not served: \(error)")
        let onFailure = state.withLock { state in
            state.failure = error
            return state.onFailure
        }
        onFailure()
    }

    /// Returns when nobody reads the store any more.
    func end() async {
        let running = state.withLock { state in
            defer { state.running = nil }
            return state.running
        }
        guard let running else { return }
        await running.group.triggerGracefulShutdown()
        await running.task.value
        running.chat.close()
    }

    /// The same, for the thread that works on the store.
    private func waitForEnd() {
        let monitor = Monitor()
        let flag = EndFlag()
        Task {
            await end()
            monitor.withLock {
                flag.isSet.store(true, ordering: .releasing)
                monitor.broadcast()
            }
        }
        monitor.withLock {
            while !flag.isSet.load(ordering: .acquiring) { monitor.wait() }
        }
    }

    private func tell(_ records: [ShippedRecord]) {
        guard let chat = state.withLock({ $0.running?.chat }) else { return }
        do {
            try chat.applied(records)
        } catch {
            logger.error("events of a follower cannot be told: \(error)")
        }
    }
}

private final class EndFlag: Sendable {
    let isSet = Atomic<Bool>(false)
}
