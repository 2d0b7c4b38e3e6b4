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
        abstract: "Serve chat over HTTP and WebSocket from a data directory.",
        discussion: """
            Every key of the configuration has a default. A flag is stronger than the environment \
            (MARTLET_…), the environment than the file. `martlet config print-default` shows all \
            keys.
            """)

    @Option(help: "The data directory; made if it is not there (./martlet-data).")
    var data: String?

    @Option(help: "The address to listen on (127.0.0.1).")
    var host: String?

    @Option(help: "The port to listen on; 0 lets the system choose (8080).")
    var port: String?

    @Option(help: "Threads for connections (1).")
    var threads: String?

    @Option(
        name: .customLong("allow-origin"),
        help: "A further web origin that may open a socket, such as https://chat.example.org.")
    var allowedOrigins: [String] = []

    @OptionGroup(title: "Security")
    var security: SecurityOptions

    @OptionGroup(title: "Push")
    var push: PushFlags

    @OptionGroup var configuration: ConfigOptions

    func run() async throws {
        let config = try configuration.load(flags)
        ServeLog.start(config)
        let logger = Logger(label: "martlet")
        let data = config.text("server.data")
        let store = try OpenData.open(at: data, options: ServeSettings.store(config))
        do {
            try requirePrimary(store, data)
            var settings = try ServeSettings.server(config)
            security.apply(to: &settings)
            settings.push = try push.options(data: data, config)
            let service = ChatProcess(
                config: config, settings: settings, store: store,
                options: chatOptions(config, logger), logger: logger)
            try await service.run()
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

    /// A follower's store takes no writes: a server on it would refuse every message. A deposed one
    /// still serves what it has, and is never ready.
    private func requirePrimary(_ store: Store, _ data: String) throws {
        guard store.role != .follower else {
            throw Complaint(
                description: "\(data) is a follower's store; `martlet promote --data \(data)` "
                    + "makes it the primary's")
        }
    }

    /// For benchmarks and tests, which register users by the thousand, passwords may be hashed
    /// weakly. It makes new passwords easy to guess from a stolen store, so it is said loudly.
    private func chatOptions(_ config: Config, _ logger: Logger) -> ChatOptions {
        var options = ServeSettings.chat(config)
        let name = "MARTLET_TEST_SCRYPT_LOG_ROUNDS"
        if let rounds = getenv(name).flatMap({ UInt8(String(cString: $0)) }), 1...20 ~= rounds {
            options.passwordCost.logRounds = rounds
            logger.warning("\(name) is set: new passwords are hashed weakly; never serve so")
        }
        return options
    }

    private var flags: [(flag: String, value: String)] {
        var flags: [(String, String)] = []
        let texts = [("data", data), ("host", host), ("port", port), ("threads", threads)]
        for (flag, value) in texts {
            if let value { flags.append((flag, value)) }
        }
        if !allowedOrigins.isEmpty {
            flags.append(("allow-origin", allowedOrigins.joined(separator: ",")))
        }
        return flags
    }
}
