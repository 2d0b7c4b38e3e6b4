import MartletStore

/// Threads of the chat's own with one bounded queue: what blocks on the disk or computes for long
/// runs here, never on an event loop. In a simulation, which has no threads, the jobs wait among
/// the simulated executor's and come in any order.
///
/// `@unchecked Sendable`: all mutable state is touched under `monitor` only.
final class WorkPool: @unchecked Sendable {
    private let monitor: Monitor
    private let background: any BackgroundExecutor
    private let bound: Int
    private var queue: [@Sendable () -> Void] = []
    private var head = 0
    /// Threads that have not ended; in a simulation, jobs that have not.
    private var running: Int
    private var stopped = false

    /// False in a simulation.
    var hasThreads: Bool { background.hasThreads }

    init(_ name: String, threads: Int, bound: Int, environment: Environment) {
        self.bound = bound
        background = environment.background
        monitor = Monitor(executor: background)
        running = background.hasThreads ? max(1, threads) : 0
        guard hasThreads else { return }
        for index in 0..<max(1, threads) {
            environment.background.spawn("\(name)-\(index)") { [self] in work() }
        }
    }

    /// Queues `job`; false if the queue is full or the pool stopped. `force` ignores the bound: for
    /// callers with a bound of their own.
    func submit(force: Bool = false, _ job: @escaping @Sendable () -> Void) -> Bool {
        monitor.withLock {
            guard !stopped, force || queue.count - head < bound else { return false }
            if !hasThreads {
                running += 1
                background.submit(.flush) { [self] in simulate(job) }
                return true
            }
            queue.append(job)
            monitor.signal()
            return true
        }
    }

    /// Runs what is queued, then ends the threads; returns when they have ended.
    func stop() {
        monitor.withLock {
            stopped = true
            monitor.broadcast()
            while running > 0 { monitor.wait() }
        }
    }

    private func simulate(_ job: @Sendable () -> Void) {
        job()
        monitor.withLock { running -= 1 }
    }

    private func work() {
        monitor.lock()
        while true {
            if head < queue.count {
                let job = queue[head]
                head += 1
                if head == queue.count || head > 4_096 {
                    queue.removeFirst(head)
                    head = 0
                }
                monitor.unlock()
                job()
                monitor.lock()
            } else if stopped {
                break
            } else {
                monitor.wait()
            }
        }
        running -= 1
        monitor.broadcast()
        monitor.unlock()
    }
}
