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

    func wait() -> Result<UInt64, StoreError> {
        monitor.withLock {
            while true {
                if let outcome { return outcome }
                monitor.wait()
            }
        }
    }
}
