import Synchronization

/// A clock that stands still until it is told.
final class TestClock: Sendable {
    private let microseconds: Mutex<UInt64>

    /// Starts in November 2026.
    init() { microseconds = Mutex(1_795_000_000_000_000) }

    var now: UInt64 { microseconds.withLock { $0 } }
    var seconds: UInt64 { now / 1_000_000 }

    func advance(seconds: UInt64) { microseconds.withLock { $0 += seconds * 1_000_000 } }
}
