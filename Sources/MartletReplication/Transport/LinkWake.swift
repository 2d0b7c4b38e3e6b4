import Synchronization

/// Lets one wake-up be under way at a time: what is written meanwhile is told by the same one.
final class LinkWake: Sendable {
    private let isUnderWay = Atomic<Bool>(false)

    /// Whether the caller is to wake.
    func begin() -> Bool {
        !isUnderWay.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// What is written from now on needs another one. Before the state is read.
    func end() { isUnderWay.store(false, ordering: .releasing) }
}
