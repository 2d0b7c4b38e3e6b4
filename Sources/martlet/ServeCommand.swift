import ArgumentParser
import Glibc
import Logging
import MartletChat
import MartletServer
import MartletStore
import ServiceLifecycle
import UnixSignals

/// `martlet serve`: opens the store and serves until told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve chat over HTTP and WebSocket from a data directory.")

    @Option(help: "The data directory; made if it is not there.")
    var data = "./martlet-data"

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 lets the system choose.")
    var port = 8080

    @Option(help: "Threads for connections.")
    var threads = 1

    @Option(
        name: .customLong("allow-origin"),
        help: "A further web origin that may open a socket, such as https://chat.example.org.")
    var allowedOrigins: [String] = []

    @OptionGroup(title: "Security")
    var security: SecurityOptions

    func validate() throws {
        guard 0...65_535 ~= port else { throw ValidationError("--port: 0 to 65535") }
        guard 1...256 ~= threads else { throw ValidationError("--threads: 1 to 256") }
    }

    func run() async throws {
        let logger = Logger(label: "martlet")
        let store = try OpenData.open(at: data)
        do {
            let chat = try ChatService.open(store, options: options(logger))
            // After it no call is under way, and the store may close.
            defer { chat.close() }
            try await serve(store, chat, logger)
        } catch {
            try? store.close()
            throw OpenData.explain(error, data)
        }
        // Closing syncs: an exit status of 0 says that all is on the disk.
        do {
            try store.close()
        } catch {
            throw OpenData.explain(error, data)
        }
        logger.info("stopped")
    }

    /// For benchmarks and tests, which register users by the thousand. It makes new passwords easy
    /// to guess from a stolen store, so it is said loudly.
    private func options(_ logger: Logger) -> ChatOptions {
        var options = ChatOptions()
        let name = "MARTLET_TEST_SCRYPT_LOG_ROUNDS"
        if let rounds = getenv(name).flatMap({ UInt8(String(cString: $0)) }), 1...20 ~= rounds {
            options.passwordCost.logRounds = rounds
            logger.warning("\(name) is set: new passwords are hashed weakly; never serve so")
        }
        return options
    }

    private func serve(
        _ store: Store, _ chat: ChatService, _ logger: Logger
    ) async throws {
        var settings = ChatServerConfiguration(host: host, port: port, threads: threads)
        settings.allowedOrigins = Set(allowedOrigins)
        security.apply(to: &settings)
        let server = ChatServer(configuration: settings, chat: chat, logger: logger) {
            store.failure == nil
        }
        let scheme = settings.tls == nil ? "http" : "https"
        let shownHost = host.contains(":") ? "[\(host)]" : host
        server.onListening { [data] port in
            logger.info("Martlet is ready at \(scheme)://\(shownHost):\(port)/ (data in \(data))")
        }
        var lifecycle = ServiceGroupConfiguration(
            services: [
                .init(
                    service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup),
                .init(
                    service: ReloadOnHangup(server: server),
                    successTerminationBehavior: .ignore),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        lifecycle.maximumGracefulShutdownDuration = .seconds(20)
        try await ServiceGroup(configuration: lifecycle).run()
    }
}
