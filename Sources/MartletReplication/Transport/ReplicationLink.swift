public import MartletStore

/// Lets a shipper attach to the store of this process: for programs that embed a store and want
/// followers of it. `martlet shipper` on the store's directory does the rest.
public final class ReplicationLink: Sendable {
    private let service: LinkService

    /// Listens at `path`, which must be `replication.sock` in the store's directory for `martlet
    /// shipper` to find it. Until `stop`, writes may ask for `.replicated(k)`.
    ///
    /// - Parameters:
    ///   - followers: how many the writes of this store wait for; 0 for none.
    ///   - notice: hears, in words, of shippers that come and go; on any thread.
    /// - Throws: where it cannot listen.
    public init(
        _ store: Store, followers: Int = 0, socket path: String,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        let storage = StorePrimary(store, replicas: followers, environment: .system)
        storage.dropAllSeeds()
        service = LinkService(path, storage: storage, notice: notice)
        try await service.start()
    }

    /// Lets go of the shipper and of the socket. Call it before the store is closed.
    public func stop() async { await service.stop() }
}
