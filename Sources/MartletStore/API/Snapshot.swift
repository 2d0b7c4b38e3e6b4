/// A moment of the store: reads through it see every write up to that moment and none after.
///
/// It holds back garbage collection while it lives, so let go of it soon.
public final class Snapshot: Sendable {
    /// The last sequence that it sees.
    public let sequence: UInt64
    private let registry: SnapshotRegistry

    init(sequence: UInt64, registry: SnapshotRegistry) {
        self.sequence = sequence
        self.registry = registry
    }

    deinit {
        registry.release(sequence)
    }
}

/// The live snapshots of a store.
///
/// `@unchecked Sendable`: `counts` is only touched under `monitor`.
final class SnapshotRegistry: @unchecked Sendable {
    private let monitor = Monitor()
    private var counts: [UInt64: Int] = [:]

    /// Registers the sequence that `current` returns; read under the lock, so that a compaction
    /// which asks for `live()` later cannot miss it, and one which asked earlier has only older
    /// inputs.
    func take(_ current: () -> UInt64) -> Snapshot {
        monitor.withLock {
            let sequence = current()
            counts[sequence, default: 0] += 1
            return Snapshot(sequence: sequence, registry: self)
        }
    }

    func release(_ sequence: UInt64) {
        monitor.withLock {
            let left = (counts[sequence] ?? 1) - 1
            counts[sequence] = left == 0 ? nil : left
        }
    }

    /// The sequences of the live snapshots, ascending.
    func live() -> [UInt64] {
        monitor.withLock { counts.keys.sorted() }
    }
}
