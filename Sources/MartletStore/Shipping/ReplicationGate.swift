import Synchronization

/// Where the store and its followers meet.
///
/// `@unchecked Sendable`: the listener is touched under `monitor` only; the rest is atomic.
package final class ReplicationGate: @unchecked Sendable {
    /// Told where the log ends.
    package typealias Listener = @Sendable (LogEnd) -> Void

    private let monitor = Monitor()
    private var listener: Listener?
    private let isListening = Atomic<Bool>(false)

    init() {}

    /// Sets who is told, after each write of the log, where it ends now: on the thread that wrote,
    /// so it must hand over and return. Calls may come out of order. `nil` for nobody, which costs
    /// nothing.
    package func listen(_ listener: Listener?) {
        monitor.withLock {
            self.listener = listener
            isListening.store(listener != nil, ordering: .relaxed)
        }
    }

    /// The log was written to.
    func appended(_ log: LogWriter) {
        guard isListening.load(ordering: .relaxed) else { return }
        let end = log.end().end
        monitor.withLock { listener }?(end)
    }
}
