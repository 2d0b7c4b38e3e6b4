import MartletStore

/// Stores one group after the other on a thread of its own.
///
/// A group begins at once when the last one began some time ago, else `interval` after it: at a low
/// rate nobody waits, at a high one a sync of the log is shared by all that came meanwhile. Nobody
/// wakes the thread while it waits or stores.
///
/// `@unchecked Sendable`: `hasWork`, `isIdle` and `state` are touched under `monitor` only, and all
/// else never changes.
final class CommitThread: @unchecked Sendable {
    private enum State { case running, stopping, ended }

    private let monitor = Monitor()
    private let clock: any StoreClock
    private let interval: UInt64
    private var hasWork = false
    private var isIdle = false
    private var state = State.running

    /// - Parameter interval: microseconds between the beginnings of two groups, at least.
    init(interval: UInt64, environment: Environment) {
        clock = environment.clock
        self.interval = interval * 1_000
    }

    /// - Parameter work: stores what is pending, if anything is.
    func start(_ background: any BackgroundExecutor, _ work: @escaping @Sendable () -> Void) {
        background.spawn("chat-commit") { [self] in run(work) }
    }

    /// Something is pending. Any thread; does not block.
    func wake() {
        let isWaiting = monitor.withLock {
            hasWork = true
            defer { isIdle = false }
            return isIdle
        }
        // Behind the lock: the thread would wake up only to wait for it.
        if isWaiting { monitor.signal() }
    }

    /// Stores what is pending, and ends the thread; returns when it has ended.
    func stop() {
        monitor.withLock {
            if state == .running { state = .stopping }
            monitor.broadcast()
            while state != .ended { monitor.wait() }
        }
    }

    private func run(_ work: () -> Void) {
        var begun: UInt64 = 0
        monitor.lock()
        while true {
            isIdle = true
            while !hasWork, state == .running { monitor.wait() }
            isIdle = false
            guard hasWork else { break }
            let now = clock.monotonicNanoseconds()
            if begun + interval > now, state == .running {
                monitor.wait(microseconds: (begun + interval - now + 999) / 1_000)
                continue
            }
            begun = now
            hasWork = false
            monitor.unlock()
            work()
            monitor.lock()
        }
        state = .ended
        monitor.broadcast()
        monitor.unlock()
    }
}
