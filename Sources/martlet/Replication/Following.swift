import MartletReplication
import MartletStore

/// What keeps a follower's store up to date in this process, until it is promoted or stops. A
/// promotion that is refused leaves a follower that follows as before.
actor Following {
    private let storage: StoreFollower
    private let directory: String
    private let make: @Sendable () -> FollowerService
    /// `nil` once nobody is followed any more: what has stopped answers nothing.
    private var service: FollowerService?
    private var isStopping = false
    /// The store takes writes now.
    private(set) var promoted: Promotion.Outcome?

    /// - Parameter make: a service on `storage` that has not begun.
    init(
        _ storage: StoreFollower, _ directory: String,
        make: @escaping @Sendable () -> FollowerService
    ) {
        self.storage = storage
        self.directory = directory
        self.make = make
        let first = make()
        first.start()
        service = first
    }

    /// - Throws: where nobody is followed, because it is being promoted or stops.
    func status() async throws -> FollowerService.Status {
        guard let service else {
            throw Complaint(description: "\(directory): it is being promoted, or stops")
        }
        return try await service.status()
    }

    /// Follows nobody any more, and promotes the store.
    ///
    /// - Throws: what `Promotion.run` throws; it follows again then.
    func promote(_ promotion: Promotion) async throws -> Promotion.Outcome {
        guard let following = service, !isStopping else {
            throw Complaint(description: "\(directory): it is being promoted, or stops")
        }
        service = nil
        await following.stop()
        do {
            let outcome = try await promotion.run(storage, directory)
            promoted = outcome
            return outcome
        } catch {
            if !isStopping {
                let next = make()
                next.start()
                service = next
            }
            throw error
        }
    }

    /// Follows nobody any more; returns when the store's last work for it is done.
    func stop() async {
        isStopping = true
        guard let following = service else { return }
        service = nil
        await following.stop()
    }
}
