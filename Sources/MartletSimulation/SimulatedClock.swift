import MartletStore
import Synchronization

/// A clock that moves when it is told to.
package final class SimulatedClock: StoreClock {
    private let time: Atomic<UInt64>
    private let monotonic = Atomic<UInt64>(0)

    /// - Parameter time: microseconds since 1970.
    package init(_ time: UInt64 = 1_700_000_000_000_000) { self.time = Atomic(time) }

    package func now() -> UInt64 { time.load(ordering: .relaxed) }
    package func monotonicNanoseconds() -> UInt64 { monotonic.load(ordering: .relaxed) }

    /// Lets time pass, on both clocks.
    package func advance(microseconds: UInt64) {
        time.add(microseconds, ordering: .relaxed)
        monotonic.add(microseconds * 1_000, ordering: .relaxed)
    }

    /// Sets the wall clock, back too, as an administrator or NTP may.
    package func set(_ microseconds: UInt64) { time.store(microseconds, ordering: .relaxed) }
}
