import CMartlet
import Glibc

/// Real threads: one per lane, started with the lane's first job and kept for the process's life.
///
/// `@unchecked Sendable`: the only mutable state, `lanes`, is read and written under `monitor`.
package final class SystemExecutor: BackgroundExecutor, @unchecked Sendable {
    private struct Lane {
        var jobs: [@Sendable () -> Void] = []
        var hasThread = false
    }

    private let monitor = Monitor()
    private var lanes: [BackgroundLane: Lane] = [:]

    package init() {}

    package func submit(_ lane: BackgroundLane, _ job: @escaping @Sendable () -> Void) {
        let starts = monitor.withLock {
            lanes[lane, default: Lane()].jobs.append(job)
            let starts = lanes[lane]?.hasThread == false
            lanes[lane]?.hasThread = true
            monitor.broadcast()
            return starts
        }
        guard starts else { return }
        spawn("mt-\(lane)") { [self] in
            // A merge may take its time; the reads and writes of the day go first.
            if lane == .compaction { _ = martlet_nice_thread(5) }
            while true { next(of: lane)() }
        }
    }

    private func next(of lane: BackgroundLane) -> @Sendable () -> Void {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            if var waiting = lanes[lane], !waiting.jobs.isEmpty {
                let job = waiting.jobs.removeFirst()
                lanes[lane] = waiting
                return job
            }
            monitor.wait()
        }
    }

    package func runOne() -> Bool { false }

    package func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let start = ThreadStart(name: name, body: body)
        let argument = Unmanaged.passRetained(start).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                martlet_name_thread(start.name)
                start.body()
                return nil
            }, argument)
        guard result == 0 else { fatalError("cannot start the thread \(name): errno \(result)") }
        pthread_detach(thread)
    }

    package func shortenSlices() {
        // The shortest that the kernel grants. One that has no such thing (before 6.12) ignores it.
        _ = martlet_set_slice(100_000)
    }
}

/// What a new thread is handed.
private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

extension Environment {
    /// The operating system's files, clocks, randomness and threads.
    public static let system = Environment(
        fileSystem: SystemFileSystem(), clock: SystemClock(), random: SystemRandom(),
        background: SystemExecutor())
}
