import Glibc
import Logging
import MartletChat
import MartletServer
import MartletStore
import UnixSignals

/// What `martlet serve` does once its store is open, and what a follower goes on with when it was
/// promoted.
struct ServeRun: Sendable {
    let config: Config
    let security: SecurityOptions
    let push: PushFlags
    let logger: Logger
    /// None where somebody else in the process listens for them.
    var signals: [UnixSignal] = [.sigterm, .sigint]

    /// Serves until told to stop, and closes the store.
    func run(_ store: Store) async throws {
        let data = config.text("server.data")
        do {
            var settings = try settings()
            settings.push = try push.options(data: data, config)
            var process = ChatProcess(
                config: config, settings: settings, store: store,
                options: Self.chatOptions(config, logger), logger: logger)
            process.signals = signals
            try await process.run()
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

    /// How it serves, but for pushes.
    func settings() throws -> ChatServerConfiguration {
        var settings = try ServeSettings.server(config)
        security.apply(to: &settings)
        return settings
    }

    /// For benchmarks and tests, which register users by the thousand, passwords may be hashed
    /// weakly. It makes new passwords easy to guess from a stolen store, so it is said loudly.
    private static func chatOptions(_ config: Config, _ logger: Logger) -> ChatOptions {
        var options = ServeSettings.chat(config)
        let name = "MARTLET_TEST_SCRYPT_LOG_ROUNDS"
        if let rounds = getenv(name).flatMap({ UInt8(String(cString: $0)) }), 1...20 ~= rounds {
            options.passwordCost.logRounds = rounds
            logger.warning("\(name) is set: new passwords are hashed weakly; never serve so")
        }
        return options
    }
}
