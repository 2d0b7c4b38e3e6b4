import MartletStore

/// A reply that one thread waits for.
///
/// `@unchecked Sendable`: `result` is touched under `monitor` only, which is immutable.
final class AwaitedReply: @unchecked Sendable {
    private let monitor: Monitor
    private var result: Result<Answer, ChatError>?

    init(_ environment: Environment) {
        monitor = Monitor(executor: environment.background)
    }

    func set(_ result: Result<Answer, ChatError>) {
        monitor.withLock {
            self.result = result
            monitor.broadcast()
        }
    }

    func wait() -> Result<Answer, ChatError> {
        monitor.withLock {
            while true {
                if let result { return result }
                monitor.wait()
            }
        }
    }
}
