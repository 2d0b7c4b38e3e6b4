import MartletStore

/// Stores one group after the other on a thread of its own.
///
/// A group begins when its pace says: at a low rate nobody waits, at a high one a sync of the log
/// is shared by all that came meanwhile. Nobody wakes the thread while it waits or stores.
///
/// `@unchecked Sendable`: `hasWork`, `isIdle` and `state` are touched under `monitor` only, `pace`
/// by the thread only, and all else never changes.
final class CommitThread: @unchecked Sendable {
    private enum State { case running, stopping, ended }

    private let monitor = Monitor()
    private let clock: any StoreClock
    private var pace: CommitPace
    private var hasWork = false
    private var isIdle = false
    private var state = State.running

    init(pace: CommitPace, environment: Environment) {
        clock = environment.clock
        self.pace = pace
    }

    /// - Parameter work: stores what is pending, if anything is; gives how many entries it had.
    func start(_ background: any BackgroundExecutor, _ work: @escaping @Sendable () -> Int) {
        background.spawn("chat-commit") { [self] in
            background.shortenSlices()
            run(work)
        }
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

    private func run(_ work: () -> Int) {
        monitor.lock()
        while true {
            isIdle = true
            while !hasWork, state == .running { monitor.wait() }
            isIdle = false
            guard hasWork else { break }
            let now = clock.monotonicNanoseconds()
            let wait = pace.wait(at: now)
            if wait > 0, state == .running {
                monitor.wait(microseconds: (wait + 999) / 1_000)
                continue
            }
            pace.begin(at: now)
            hasWork = false
            monitor.unlock()
            pace.stored(work())
            monitor.lock()
        }
        state = .ended
        monitor.broadcast()
        monitor.unlock()
    }
}
