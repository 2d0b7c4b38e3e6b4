import Synchronization

/// The one budget for the memory of a process: what memtables, filters and indexes reserve is taken
/// from the block cache's share.
package final class MemoryBudget: Sendable {
    /// Bytes for everything together.
    package let total: Int
    private let reservations = Atomic<Int>(0)

    package init(total: Int) {
        self.total = max(0, total)
    }

    /// Bytes reserved now. May exceed `total`: a reservation is never refused, because what needs
    /// it (an open table's filter) is needed to go on; the cache gives way first.
    package var reserved: Int { reservations.load(ordering: .relaxed) }

    /// What the block cache may hold now, in bytes.
    package var cacheCapacity: Int { max(0, total - reserved) }

    package func reserve(_ bytes: Int) {
        reservations.wrappingAdd(bytes, ordering: .relaxed)
    }

    package func release(_ bytes: Int) {
        reservations.wrappingSubtract(bytes, ordering: .relaxed)
    }
}
