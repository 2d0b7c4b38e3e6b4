import ArgumentParser
import Logging
import MartletReplication
import MartletServer
import MartletStore

/// `martlet shipper`: ships the log of a data directory to followers.
struct ShipperCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shipper",
        abstract: "Ship the log of a data directory to followers.",
        discussion: """
            Reads the log beside the running server, or of a stopped store, and writes nothing to \
            it. The server must have `replication.serve` on for followers to be counted and \
            seeded. Killing this at any moment loses nothing.
            """)

    @Option(help: "The data directory.")
    var data = "./martlet-data"

    @Option(help: "The address to listen on, HOST:PORT; port 0 lets the system choose.")
    var listen: HostPort

    @OptionGroup var options: ReplicationOptions

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
        let logger = Logger(label: "martlet")
        let data = OpenData.trimmed(data)
        var configuration = ShipperService.Configuration(host: listen.host, port: listen.port)
        configuration.tls = try options.server()
        configuration.socket = "\(data)/replication.sock"
        configuration.session.window = window
        configuration.session.bytesPerSecond = bytesPerSecond
        let service: ShipperService
        do {
            service = try ShipperService(
                configuration, source: DirectorySource(data, environment: .system),
                environment: .system
            ) { logger.info("\($0)") }
        } catch {
            throw OpenData.explain(error, data)
        }
        let port: Int
        do {
            port = try await service.start()
        } catch {
            throw Complaint(description: "cannot listen on \(listen.host):\(listen.port): \(error)")
        }
        logger.info("the shipper is ready at \(listen.host):\(port) (data in \(data))")
        let process = ReplicationProcess(
            socket: "\(data)/shipper.sock", routes: ReplicationRoutes.shipper(service),
            logger: logger, stopping: StopSignal())
        try await process.run()
        await service.stop()
        logger.info("stopped")
    }
}
