import ArgumentParser
import Logging
import MartletCompaction
import MartletStore
import ServiceLifecycle
import UnixSignals

/// `martlet compactd [run]`: works until told to stop.
struct CompactdRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Take jobs until told to stop (the default).",
        discussion: """
            SIGTERM and SIGINT give back what is under way, with all that is finished of it. When \
            the server goes, the daemon waits for it to come back. Exit status: 0 stopped; 1 the \
            server refuses this daemon (another version, another store), or there is no store.
            """)

    @OptionGroup var place: CompactionPlace

    @Option(help: "Jobs at once, 1 to 256.")
    var jobs = 1

    @Option(help: "How much lower than others' its threads' priority is, 0 to 19.")
    var nice = 10

    @Option(
        name: .customLong("bytes-per-second"),
        help: "What it reads and writes in a second at most, such as 64MiB; 0: any number.")
    var bytesPerSecond = "0"

    @Option(help: "Memory for its merges; jobs that need more are left to others.")
    var memory = "1GiB"

    @Flag(help: "End when the server has had nothing to do for two seconds.")
    var once = false

    func validate() throws {
        guard 1...256 ~= jobs else { throw ValidationError("--jobs: 1 to 256") }
        guard 0...19 ~= nice else { throw ValidationError("--nice: 0 to 19") }
        _ = try bytes("--bytes-per-second", bytesPerSecond, least: 0)
        _ = try bytes("--memory", memory, least: 16 << 20)
    }

    private func bytes(_ flag: String, _ text: String, least: Int) throws -> UInt64 {
        do throws(ConfigFault) {
            guard case .integer(let number) = try ConfigKind.bytes(least...1 << 50).parse(text)
            else { return 0 }
            return UInt64(number)
        } catch {
            throw ValidationError("\(flag): \(error.message)")
        }
    }

    /// What the flags ask for.
    func options(_ config: Config) throws -> CompactionDaemon.Options {
        var options = CompactionDaemon.Options(
            data: config.text("server.data"), socket: try place.socket(config),
            build: MartletCommand.configuration.version)
        options.workers = jobs
        options.niceness = CInt(nice)
        let limit = try bytes("--bytes-per-second", bytesPerSecond, least: 0)
        options.bytesPerSecond = limit == 0 ? nil : limit
        options.memory = try bytes("--memory", memory, least: 0)
        options.endsWhenIdle = once
        return options
    }

    func run() async throws {
        let config = try place.config()
        ServeLog.start(config)
        let logger = Logger(label: "martlet-compactd")
        let options = try options(config)
        do {
            let daemon = try CompactionDaemon(options, logger: logger)
            let service = DaemonService(daemon: daemon)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: service,
                            successTerminationBehavior: .gracefullyShutdownGroup,
                            failureTerminationBehavior: .cancelGroup)
                    ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
            try await group.run()
        } catch let error as CompactionDaemon.Refused {
            throw Complaint(description: error.description)
        } catch {
            throw OpenData.explain(error, options.data)
        }
        logger.info("stopped")
    }
}

/// The daemon, stopped gracefully.
private struct DaemonService: Service {
    let daemon: CompactionDaemon

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await daemon.run()
        } onGracefulShutdown: {
            daemon.stop()
        }
    }
}

/// Which store's socket a command of compactions is about.
struct CompactionPlace: ParsableArguments {
    @Option(help: "The data directory.")
    var data: String?

    @OptionGroup var configuration: ConfigOptions

    func config() throws -> Config {
        try configuration.load(data.map { [("data", $0)] } ?? [])
    }

    func socket(_ config: Config) throws -> String {
        guard let path = ServeSettings.compactionSocket(config) else {
            throw Complaint(description: "compaction.daemons is false: the server takes none")
        }
        return path
    }
}
