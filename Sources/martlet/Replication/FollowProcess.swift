import Logging
import MartletReplication
import MartletServer
import MartletStore
import NIOSSL
import ServiceLifecycle
import Synchronization

/// A follower's process. With reads, its store is served to readers, and after a promotion the
/// process goes on as the server that takes the writes.
struct FollowProcess: Service {
    /// Whose log is taken.
    struct Source: Sendable {
        var address: FollowerService.Address
        /// Where clients reach the server of that store: a URL.
        var url: String?
    }

    let directory: String
    let name: String
    let sources: [Source]
    let tls: NIOSSLContext?
    let logger: Logger
    /// `nil`: nobody reads.
    var serving: ServeRun?
    private let leader = Leader()

    init(
        directory: String, name: String, sources: [Source], tls: NIOSSLContext?, logger: Logger,
        serving: ServeRun?
    ) {
        self.directory = directory
        self.name = name
        self.sources = sources
        self.tls = tls
        self.logger = logger
        self.serving = serving
    }

    func run() async throws {
        let settings = try serving?.settings()
        let reads = serving.flatMap { serving in
            settings.map {
                FollowerReads(config: serving.config, settings: $0, logger: logger)
            }
        }
        let options = serving.map { ServeSettings.store($0.config) } ?? StoreOptions()
        let storage: StoreFollower
        do {
            storage = try StoreFollower(
                directory, options: options, use: reads?.use ?? .nobody, environment: .system)
        } catch {
            throw OpenData.explain(error, directory)
        }
        let following = Following(storage, directory) { [self] in service(storage) }
        var failure: (any Error)?
        do {
            try await follow(following, reads)
        } catch {
            failure = error
        }
        await following.stop()
        await reads?.end()
        failure = failure ?? reads?.failure
        if failure == nil, let serving, await following.promoted != nil,
            let store = storage.handOver()
        {
            logger.info("promoted: this process takes the writes now")
            return try await serving.run(store)
        }
        do {
            try storage.close()
        } catch {
            throw failure ?? OpenData.explain(error, directory)
        }
        if let failure { throw OpenData.explain(failure, directory) }
        logger.info("stopped")
    }

    private func service(_ storage: StoreFollower) -> FollowerService {
        let settings = FollowerMachine.Settings(
            follower: storage.follower, name: name, addresses: sources.count)
        let service = FollowerService(
            settings, addresses: sources.map(\.address), tls: tls, storage: storage,
            environment: .system
        ) { [logger] in logger.info("\($0)") }
        leader.set(service)
        return service
    }

    /// Returns when a signal or a command has stopped it, or the store was promoted.
    private func follow(_ following: Following, _ reads: FollowerReads?) async throws {
        let signal = StopSignal()
        var routes = ReplicationRoutes.follower(following, stopping: signal)
        var metrics: (host: String, port: Int)?
        if let reads {
            let leader = leader
            reads.set(
                primary: { [sources] in leader.place.flatMap { sources[$0].url } },
                onFailure: { signal.stop() })
            routes += ReplicationRoutes.reads(following, reads, stopping: signal)
            metrics = try serving.flatMap { try ServeSettings.control($0.config).metrics }
        }
        logger.info("the follower is ready (data in \(directory))")
        var process = ReplicationProcess(
            socket: "\(directory).follower.sock", routes: routes, logger: logger,
            stopping: signal)
        process.metrics = metrics
        process.signals = []
        try await process.run()
    }
}

/// Who is followed now, for those who cannot wait for an answer.
private final class Leader: Sendable {
    private let service = Mutex<FollowerService?>(nil)

    func set(_ service: FollowerService) { self.service.withLock { $0 = service } }

    /// The place among the sources.
    var place: Int? { service.withLock { $0 }?.followedAddress }
}
