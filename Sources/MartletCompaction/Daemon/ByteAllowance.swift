package import MartletStore

/// How many bytes may be moved a second, by all threads together: a token bucket of a quarter of a
/// second.
///
/// `@unchecked Sendable`: `available` and `filledAt` are used under `monitor` only.
package final class ByteAllowance: @unchecked Sendable {
    private let perSecond: Double
    private let clock: any StoreClock
    private let monitor = Monitor()
    private var available: Double
    private var filledAt: UInt64

    /// - Parameter perSecond: `nil` for any number.
    package init(perSecond: UInt64?, clock: any StoreClock) {
        self.perSecond = Double(perSecond ?? 0)
        self.clock = clock
        available = self.perSecond / 4
        filledAt = clock.monotonicNanoseconds()
    }

    /// Takes `bytes`, which may go beyond what there is.
    ///
    /// - Returns: microseconds to wait before the next are taken.
    package func take(_ bytes: Int) -> UInt64 {
        if perSecond == 0 { return 0 }
        return monitor.withLock {
            let now = clock.monotonicNanoseconds()
            let filled = Double(now - min(now, filledAt)) / 1e9 * perSecond
            available = min(available + filled, perSecond / 4) - Double(bytes)
            filledAt = now
            return available >= 0 ? 0 : UInt64(-available / perSecond * 1e6)
        }
    }
}
