package import MartletStore

/// Keeps background jobs until somebody runs them: one thread, in an order that a seed decides.
///
/// `@unchecked Sendable`: the state is used under `monitor` only.
package final class SimulatedExecutor: BackgroundExecutor, @unchecked Sendable {
    private let monitor = Monitor()
    private var jobs: [@Sendable () -> Void] = []
    private var generator: SeededGenerator?

    /// - Parameter seed: decides which waiting job is run next; `nil` for the oldest.
    package init(seed: UInt64? = nil) { generator = seed.map(SeededGenerator.init(seed:)) }

    package var hasThreads: Bool { false }

    package var waiting: Int { monitor.withLock { jobs.count } }

    package func submit(_ lane: BackgroundLane, _ job: @escaping @Sendable () -> Void) {
        monitor.withLock { jobs.append(job) }
    }

    package func runOne() -> Bool {
        monitor.lock()
        guard !jobs.isEmpty else {
            monitor.unlock()
            return false
        }
        var index = 0
        if var random = generator {
            index = Int.random(in: 0..<jobs.count, using: &random)
            generator = random
        }
        let job = jobs.remove(at: index)
        monitor.unlock()
        job()
        return true
    }

    /// Runs until nothing waits.
    package func runAll() {
        while runOne() {}
    }

    /// Forgets what waits, as a crash does.
    package func removeAll() { monitor.withLock { jobs.removeAll() } }

    package func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) {
        fatalError("a simulation has no threads; \(name) must be run by its caller")
    }
}
