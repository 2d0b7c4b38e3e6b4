import MartletReplication
import MartletStore

/// What keeps a follower's store up to date in this process, until somebody is promoted or it
/// stops. A promotion that fails leaves a follower that follows as before.
actor Following {
    private let storage: StoreFollower
    private let directory: String
    private let make: @Sendable () -> FollowerService
    private var service: FollowerService
    private var isPromoting = false
    private var isStopping = false
    /// The store takes writes now.
    private(set) var promoted: Term?

    /// - Parameter make: a service on `storage` that has not begun.
    init(
        _ storage: StoreFollower, _ directory: String,
        make: @escaping @Sendable () -> FollowerService
    ) {
        self.storage = storage
        self.directory = directory
        self.make = make
        service = make()
        service.start()
    }

    func status() async throws -> FollowerService.Status { try await service.status() }

    /// Follows nobody any more, and promotes the store.
    ///
    /// - Throws: what `Promotion.run` throws; it follows again then.
    func promote(_ promotion: Promotion) async throws -> Term {
        guard !isPromoting, !isStopping, promoted == nil else {
            throw Complaint(description: "\(directory): it is being promoted, or stops")
        }
        isPromoting = true
        defer { isPromoting = false }
        await service.stop()
        do {
            let term = try await promotion.run(storage, directory)
            promoted = term
            return term
        } catch {
            if !isStopping {
                service = make()
                service.start()
            }
            throw error
        }
    }

    /// Follows nobody any more; returns when the store's last work is done.
    func stop() async {
        isStopping = true
        await service.stop()
    }
}
