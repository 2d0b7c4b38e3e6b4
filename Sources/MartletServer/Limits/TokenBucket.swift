/// A token bucket as one number: when it is full again. Time is passed in; no I/O.
package struct TokenBucket: Sendable, Equatable {
    /// Microseconds of the caller's clock; a time gone by says that the bucket is full.
    private var fullAt: UInt64 = 0

    package init() {}

    /// Takes one token out of a bucket of this size, if there is one.
    /// - Returns: nil if it was taken, else the microseconds until there is one.
    package mutating func take(_ limit: RateLimit, at now: UInt64) -> UInt64? {
        if limit.isOff { return nil }
        let one = max(1, UInt64(min(1e6 / limit.perSecond, 1e15)))
        let whole = one * UInt64(max(1, min(limit.burst, 1_000_000)))
        let next = max(fullAt, now) + one
        if next > now + whole { return next - now - whole }
        fullAt = next
        return nil
    }
}
