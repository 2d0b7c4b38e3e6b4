import Synchronization

/// Where the commit pipeline and the followers meet: who listens to the log's end, and how far
/// each follower is.
///
/// `@unchecked Sendable`: `listener` and `positions` are touched under `monitor` only; the rest is
/// atomic.
package final class ReplicationGate: @unchecked Sendable {
    /// Told where the log ends.
    package typealias Listener = @Sendable (LogEnd) -> Void

    private let monitor = Monitor()
    private var listener: Listener?
    private var positions = FollowerPositions()
    private let isListening = Atomic<Bool>(false)
    private let isFencedFlag = Atomic<Bool>(false)
    private let timeoutCount = Atomic<Int>(0)

    init() {}

    /// Callers that were told `indefinite` since the store was opened.
    package var timeouts: Int { timeoutCount.load(ordering: .relaxed) }

    /// So many callers more were told so.
    package func timedOut(_ callers: Int) {
        if callers > 0 { timeoutCount.add(callers, ordering: .relaxed) }
    }

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
    @inline(__always)
    func appended(_ log: LogWriter) {
        guard isListening.load(ordering: .relaxed) else { return }
        tell(log)
    }

    private func tell(_ log: LogWriter) {
        let end = log.end().end
        monitor.withLock { listener }?(end)
    }

    /// Whether the store was deposed.
    var isFenced: Bool { isFencedFlag.load(ordering: .acquiring) }

    /// Followers that are attached now.
    package var attached: Int { monitor.withLock { positions.attached.count } }

    /// Names by follower, of those that are expected, whether or not they are attached.
    package func expect(_ names: [String: String]) { change { $0.expect(names) } }

    /// How many of `count` followers are attached, and who is missing: a sentence without a stop.
    package func lack(of count: Int) -> String {
        let (attached, missing) = monitor.withLock { (positions.attached.count, positions.missing) }
        let who = missing.isEmpty ? "" : ", missing: " + missing.joined(separator: ", ")
        return "too few followers are attached: \(attached) of \(count)\(who)"
    }

    /// The last sequence that at least `count` followers have on their disks in this term.
    package func sequence(durableAt count: Int) -> UInt64 {
        monitor.withLock { positions.sequence(durableAt: count) }
    }

    func change<Value>(_ body: (inout FollowerPositions) -> Value) -> Value {
        monitor.withLock {
            defer { isFencedFlag.store(positions.isFenced, ordering: .releasing) }
            return body(&positions)
        }
    }

    func verdict(upTo sequence: UInt64, at count: Int) -> FollowerPositions.Verdict {
        if isFenced { return .fenced }
        // The common case, without the lock.
        if count <= 0 { return .applies }
        return monitor.withLock { positions.verdict(upTo: sequence, at: count) }
    }
}
