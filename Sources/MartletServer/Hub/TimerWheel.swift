/// All deadlines of one event loop, in seconds: one repeated task for the loop, one array entry per
/// connection, nothing to cancel.
package struct TimerWheel {
    package private(set) var second = 0
    private var slots: [[UInt64]]

    package init() {
        slots = Array(repeating: [], count: 64)
    }

    /// Has `key` returned by the `advance` that reaches `second`, or earlier if that is far: the
    /// owner looks again then.
    /// - Returns: the second at which it will be returned.
    package mutating func schedule(_ key: UInt64, at second: Int) -> Int {
        let due = min(max(second, self.second + 1), self.second + slots.count - 1)
        slots[due % slots.count].append(key)
        return due
    }

    /// One second later: the keys that are due.
    package mutating func advance() -> [UInt64] {
        second += 1
        let index = second % slots.count
        let due = slots[index]
        slots[index] = []
        return due
    }
}
