import ArgumentParser
import Logging
import MartletReplication
import MartletServer
import MartletStore

/// `martlet follow`: keeps a copy of a primary's store.
struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Keep a copy of a primary's store in a data directory.",
        discussion: """
            Where there is no store yet, or its log is of no use any more, the whole of it is \
            fetched first. The directory of a primary that was deposed, or stopped for good, \
            becomes a follower's. With several addresses the one with the highest term is \
            followed. Killing this at any moment loses nothing that was acknowledged.
            """)

    @Option(help: "The data directory; made if it is not there.")
    var data: String

    @Option(help: "The shippers' addresses, HOST:PORT, with commas between them.")
    var from: String

    @OptionGroup var options: ReplicationOptions

    @OptionGroup var configuration: ConfigOptions

    func validate() throws {
        guard !addresses.isEmpty else { throw ValidationError("--from HOST:PORT[,HOST:PORT]") }
    }

    private var addresses: [HostPort] {
        let parts = from.split(separator: ",").map { HostPort(argument: String($0)) }
        return parts.contains { $0 == nil } ? [] : parts.compactMap { $0 }
    }

    func run() async throws {
        ServeLog.start(try configuration.load())
        let logger = Logger(label: "martlet-follow")
        let data = OpenData.trimmed(data)
        let storage: StoreFollower
        do {
            storage = try StoreFollower(data, options: StoreOptions(), environment: .system)
        } catch {
            throw OpenData.explain(error, data)
        }
        let settings = FollowerMachine.Settings(
            follower: storage.follower, name: options.name, addresses: addresses.count)
        let service = FollowerService(
            settings, addresses: addresses.map { .init(host: $0.host, port: $0.port) },
            tls: try options.client(), storage: storage, environment: .system
        ) { logger.info("\($0)") }
        service.start()
        logger.info("the follower is ready (data in \(data))")
        let signal = StopSignal()
        let process = ReplicationProcess(
            socket: "\(data).follower.sock",
            routes: ReplicationRoutes.follower(service, stopping: signal), logger: logger,
            stopping: signal)
        try await process.run()
        await service.stop()
        do {
            try storage.close()
        } catch {
            throw OpenData.explain(error, data)
        }
        logger.info("stopped")
    }
}
