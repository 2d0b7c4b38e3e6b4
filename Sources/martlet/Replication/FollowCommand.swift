import ArgumentParser
import Logging
import MartletReplication
import MartletServer
import MartletStore
import ServiceLifecycle
import UnixSignals

/// `martlet follow`: keeps a copy of a primary's store, and serves it to readers.
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Keep a copy of a primary's store in a data directory.",
        discussion: """
            Where there is no store yet, or its log is of no use any more, the whole of it is \
            fetched first. The directory of a primary that was deposed, or stopped for good, \
            becomes a follower's. With several addresses the one with the highest term is \
            followed. Killing this at any moment loses nothing that was acknowledged.

            With --listen the chat is served as well, to readers: what needs to be written is \
            refused. `martlet promote` then makes this process the server that takes the writes. \
            It reads the configuration that `martlet serve` reads; --data and --listen stand for \
            its server.data, server.host and server.port.
            """)

    @Option(help: "The data directory; made if it is not there.")
    var data: String

    @Option(
        help: """
            The shippers' addresses, HOST:PORT, with commas between them. HOST:PORT=URL says where \
            clients reach the server of that store.
            """)
    var from: String

    @Option(help: "Serve the chat at this address, HOST:PORT, to readers.")
    var listen: HostPort?

    @OptionGroup var options: ReplicationOptions

    @OptionGroup(title: "Security")
    var security: SecurityOptions

    @OptionGroup(title: "Push")
    var push: PushFlags

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard !sources.isEmpty else {
            throw ValidationError("--from HOST:PORT[=URL][,HOST:PORT[=URL]]")
        }
    }

    /// None where one of them cannot be read.
    private var sources: [FollowProcess.Source] {
        let parts = from.split(separator: ",").map { FollowProcess.Source(String($0)) }
        return parts.contains { $0 == nil } ? [] : parts.compactMap { $0 }
    }

    func run() async throws {
        let data = OpenData.trimmed(data)
        let config = try configuration.load(flags(data))
        ServeLog.start(config)
        let logger = Logger(label: "martlet-follow")
        let process = FollowProcess(
            directory: data, name: options.name, sources: sources, tls: try options.client(),
            logger: logger, serving: serving(config))
        let services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: process, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup)
        ]
        let lifecycle = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await ServiceGroup(configuration: lifecycle).run()
    }

    private func serving(_ config: Config) -> ServeRun? {
        guard listen != nil else { return nil }
        return ServeRun(
            config: config, security: security, push: push, logger: Logger(label: "martlet"),
            signals: [])
    }

    /// As flags of `martlet serve`.
    private func flags(_ data: String) -> [(flag: String, value: String)] {
        guard let listen else { return [] }
        return [("data", data), ("host", listen.host), ("port", String(listen.port))]
    }
}

extension FollowProcess.Source {
    /// `HOST:PORT` or `HOST:PORT=URL`.
    init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ HostPort(argument: String($0)) }) else {
            return nil
        }
        self.address = FollowerService.Address(host: address.host, port: address.port)
        guard parts.count == 2 else { return }
        guard let origin = WebOrigin(String(parts[1])) else { return nil }
        url = origin.text
    }
}
