import ArgumentParser
import Logging
import MartletReplication
import MartletServer
import MartletStore
import ServiceLifecycle
import UnixSignals

/// `martlet shipper`: ships the log of a data directory to followers.
struct ShipperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shipper",
        abstract: "Ship the log of a data directory to followers.",
        discussion: """
            Reads the log beside the running server, or of a stopped store, and writes nothing to \
            it. The server must have `replication.serve` on for followers to be counted and \
            seeded. Where there is no store yet it waits for one. Killing this at any moment loses \
            nothing.
            """)

    @Option(help: "The data directory.")
    var data = "./martlet-data"

    @Option(help: "The address to listen on, HOST:PORT; port 0 lets the system choose.")
    var listen: HostPort

    @OptionGroup var options: ReplicationOptions

    @OptionGroup var configuration: ConfigOptions

    @Option(help: "Bytes a second to each follower; without it as fast as it goes.")
    var bytesPerSecond: Int?

    @Option(help: "Bytes that may be under way to a follower.")
    var window = 4 << 20

    func validate() throws {
        guard window > 0, bytesPerSecond ?? 1 > 0 else {
            throw ValidationError("--window and --bytes-per-second are 1 or more")
        }
    }

    func run() async throws {
        ServeLog.start(try configuration.load())
        let logger = Logger(label: "martlet-shipper")
        let data = OpenData.trimmed(data)
        var configuration = ShipperService.Configuration(host: listen.host, port: listen.port)
        configuration.tls = try options.server()
        configuration.socket = "\(data)/replication.sock"
        configuration.session.window = window
        configuration.session.bytesPerSecond = bytesPerSecond
        let shipping = Shipping(data: data, configuration: configuration, logger: logger)
        var lifecycle = ServiceGroupConfiguration(
            services: [
                .init(
                    service: shipping, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup)
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        lifecycle.maximumGracefulShutdownDuration = .seconds(15)
        try await ServiceGroup(configuration: lifecycle).run()
        logger.info("stopped")
    }
}

/// The shipper of a data directory, and its control socket, from the moment at which there is a
/// store in it.
private struct Shipping: Service {
    let data: String
    let configuration: ShipperService.Configuration
    let logger: Logger

    func run() async throws {
        guard let service = try await open() else { return }
        let port: Int
        do {
            port = try await service.start()
        } catch {
            throw Complaint(
                description: "cannot listen on \(configuration.host):\(configuration.port): "
                    + "\(error)")
        }
        logger.info("the shipper is ready at \(configuration.host):\(port) (data in \(data))")
        let control = ControlServer(
            configuration: .init(socket: "\(data)/shipper.sock"),
            router: ControlRouter(ReplicationRoutes.shipper(service)), logger: logger)
        do {
            try await control.run()
        } catch {
            await service.stop()
            throw error
        }
        await service.stop()
    }

    /// Waits for a store; `nil` if the process is to stop before there is one.
    private func open() async throws -> ShipperService? {
        var isSaid = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do throws(StoreError) {
                return try ShipperService(
                    configuration, source: DirectorySource(data, environment: .system),
                    environment: .system
                ) { [logger] in logger.info("\($0)") }
            } catch {
                guard error.code == .notFound else { throw OpenData.explain(error, data) }
            }
            if !isSaid { logger.warning("waiting for a store", metadata: ["data": "\(data)"]) }
            isSaid = true
            try? await cancelWhenGracefulShutdown {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        return nil
    }
}
