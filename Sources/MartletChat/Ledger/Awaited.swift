import MartletStore

/// A value that one thread sets and another waits for.
///
/// `@unchecked Sendable`: `value` is touched under `monitor` only, and `monitor` never changes.
final class Awaited<Value: Sendable>: @unchecked Sendable {
    private let monitor: Monitor
    private var value: Value?

    /// - Parameter monitor: one of its own; an executor's where jobs must run while it waits.
    init(_ monitor: Monitor) {
        self.monitor = monitor
    }

    func set(_ value: Value) {
        monitor.withLock {
            self.value = value
            monitor.broadcast()
        }
    }

    func wait() -> Value {
        monitor.withLock {
            while true {
                if let value { return value }
                monitor.wait()
            }
        }
    }

    /// The value; `nil` if it has not come three seconds after `isClosing` was first true.
    func wait(_ isClosing: () -> Bool) -> Value? {
        var slices = 0
        while slices < 30 {
            let found = monitor.withLock {
                if value == nil { monitor.wait(microseconds: 100_000) }
                return value
            }
            if let found { return found }
            if isClosing() { slices += 1 }
        }
        return nil
    }
}
