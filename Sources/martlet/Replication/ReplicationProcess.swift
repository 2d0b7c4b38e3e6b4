import Logging
import MartletServer
import ServiceLifecycle
import UnixSignals

/// A shipper's or follower's process: its control socket, and the work until it is told to stop.
struct ReplicationProcess {
    let socket: String
    let routes: [ControlRoute]
    let logger: Logger
    /// Ends the process by itself.
    let stopping: StopSignal
    /// A loopback address for `/metrics` as well.
    var metrics: (host: String, port: Int)?
    /// None where somebody else in the process listens for them.
    var signals: [UnixSignal] = [.sigterm, .sigint]

    /// Returns when a signal or a command has stopped it.
    func run() async throws {
        let control = ControlServer(
            configuration: .init(socket: socket, metrics: metrics), router: ControlRouter(routes),
            logger: logger)
        let services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: control, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup),
            .init(
                service: stopping, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup),
        ]
        var lifecycle = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: logger)
        lifecycle.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: lifecycle).run()
    }
}

/// Ends a process from within, as a signal would.
final class StopSignal: Service {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }

    func stop() { continuation.finish() }

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in stream {}
        } onCancelOrGracefulShutdown: {
            self.continuation.finish()
        }
    }
}
