/// How long to wait before the next attempt, in microseconds.
struct Backoff: Sendable {
    /// After the first failure.
    var first: UInt64
    /// At most, unless the service asks for more.
    var most: UInt64

    /// Doubles with each failure; half of it on top by chance, so that what failed together does
    /// not come back together. Never less than the `asked` seconds.
    func delay(
        failures: UInt32, asked: UInt32?, using random: inout some RandomNumberGenerator
    ) -> UInt64 {
        let doublings = min(max(failures, 1) - 1, 30)
        let base = min(first << UInt64(doublings), most)
        let delay = base + UInt64.random(in: 0...base / 2, using: &random)
        let least = UInt64(asked ?? 0) * 1_000_000
        return max(delay, least + UInt64.random(in: 0...least / 8, using: &random))
    }
}
