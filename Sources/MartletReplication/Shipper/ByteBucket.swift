/// Lets so many bytes a second pass, and a second's worth at once. A group that is larger than
/// what is left passes too, and is paid off later.
struct ByteBucket: Sendable {
    private let bytesPerSecond: Int?
    private var tokens: Int
    private var filledAt: UInt64

    init(bytesPerSecond: Int?, now: UInt64) {
        self.bytesPerSecond = bytesPerSecond
        tokens = bytesPerSecond ?? 0
        filledAt = now
    }

    mutating func isOpen(at now: UInt64) -> Bool {
        guard let rate = bytesPerSecond else { return true }
        let passed = now > filledAt ? min(now - filledAt, ReplicationTimes.second) : 0
        let earned = Int(passed / 1_000) * rate / 1_000_000
        if earned > 0 {
            tokens = min(rate, tokens + earned)
            filledAt = now
        }
        return tokens > 0
    }

    mutating func spend(_ bytes: Int) {
        if bytesPerSecond != nil { tokens -= bytes }
    }
}
