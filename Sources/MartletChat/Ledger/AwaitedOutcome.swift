import MartletStore

/// Hands the outcome of one submitted batch to the thread that waits for it.
///
/// `@unchecked Sendable`: `outcome` is read and written under `monitor` only, which is the one
/// thing that both threads share.
final class AwaitedOutcome: @unchecked Sendable {
    private let monitor = Monitor()
    private var outcome: Result<UInt64, StoreError>?

    func set(_ value: Result<UInt64, StoreError>) {
        monitor.withLock {
            outcome = value
            monitor.broadcast()
        }
    }

    /// The outcome; `nil` if it has not come three seconds after `isClosing` was first true.
    func wait(_ isClosing: () -> Bool) -> Result<UInt64, StoreError>? {
        var slices = 0
        while slices < 30 {
            let found = monitor.withLock {
                if outcome == nil { monitor.wait(microseconds: 100_000) }
                return outcome
            }
            if let found { return found }
            if isClosing() { slices += 1 }
        }
        return nil
    }
}
