import MartletStore

/// One at a time for each key: what reads an account, decides and writes runs in the account's
/// turn. Blocks; never on an event loop, nor on the commit thread.
///
/// `@unchecked Sendable`: `taken` is touched under `monitor` only, the rest is immutable.
final class Turns<Key: Hashable & Sendable>: @unchecked Sendable {
    private let monitor = Monitor()
    private var taken: Set<Key> = []

    /// Waits for the key's turn. Turns do not nest.
    func with<Value, Failure: Error>(
        _ key: Key, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        monitor.withLock {
            while !taken.insert(key).inserted { monitor.wait() }
        }
        defer { release(key) }
        return try body()
    }

    /// `nil`, without a call of `body`, if somebody has the turn.
    func ifFree<Value, Failure: Error>(
        _ key: Key, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        guard monitor.withLock({ taken.insert(key).inserted }) else { return nil }
        defer { release(key) }
        return try body()
    }

    private func release(_ key: Key) {
        monitor.withLock {
            taken.remove(key)
            monitor.broadcast()
        }
    }
}
