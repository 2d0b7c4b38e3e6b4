package import MartletStore

/// Keeps background jobs until somebody runs them: one thread, in an order that a seed decides.
///
/// `@unchecked Sendable`: the state is used under `monitor` only.
package final class SimulatedExecutor: BackgroundExecutor, @unchecked Sendable {
    private let monitor = Monitor()
    private var jobs: [@Sendable () -> Void] = []
    private var generator: SeededGenerator?
    private var world: (@Sendable () -> Bool)?

    /// - Parameter seed: decides which waiting job is run next; `nil` for the oldest.
    package init(seed: UInt64? = nil) { generator = seed.map(SeededGenerator.init(seed:)) }

    package var hasThreads: Bool { false }

    package var waiting: Int { monitor.withLock { jobs.count } }

    package func submit(_ lane: BackgroundLane, _ job: @escaping @Sendable () -> Void) {
        monitor.withLock { jobs.append(job) }
    }

    /// What goes on beside the jobs: other processes and the time. `body` does one step of it, or
    /// returns false; the seed decides whether it or a job comes next.
    package func beside(_ body: (@Sendable () -> Bool)?) { monitor.withLock { world = body } }

    private func moveWorld() -> Bool {
        let step = monitor.withLock { () -> (@Sendable () -> Bool)? in
            guard let world else { return nil }
            if jobs.isEmpty { return world }
            guard var random = generator else { return nil }
            defer { generator = random }
            return Bool.random(using: &random) ? world : nil
        }
        return step?() ?? false
    }

    package func runOne() -> Bool {
        if moveWorld() { return true }
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
