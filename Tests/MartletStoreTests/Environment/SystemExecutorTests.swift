import Testing

@testable import MartletStore

@Suite("The operating system's threads") struct SystemExecutorTests {
    /// Counts what several threads have done.
    ///
    /// `@unchecked Sendable`: `value` is read and written under `monitor` only, by every thread of
    /// the test.
    private final class Counter: @unchecked Sendable {
        let monitor = Monitor()
        var value = 0
        func add() {
            monitor.withLock { value += 1 }
            monitor.broadcast()
        }
        func wait(for target: Int) {
            monitor.lock()
            while value < target { monitor.wait() }
            monitor.unlock()
        }
    }

    @Test("every job of every lane is run, and a spawned thread too")
    func jobs() {
        let executor = SystemExecutor()
        let counter = Counter()
        for _ in 0..<50 {
            for lane in BackgroundLane.allCases { executor.submit(lane) { counter.add() } }
        }
        executor.spawn("test") { counter.add() }
        counter.wait(for: 101)
        #expect(!executor.runOne())
    }

    @Test("a flush does not wait behind a compaction")
    func lanes() {
        let executor = SystemExecutor()
        let counter = Counter()
        executor.submit(.compaction) { counter.wait(for: 1) }
        executor.submit(.flush) { counter.add() }
        counter.wait(for: 1)
    }

    @Test("the clocks run and random bytes differ")
    func clocks() {
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds()
        #expect(clock.now() > 1_600_000_000_000_000)
        #expect(clock.monotonicNanoseconds() >= start)
        #expect(SystemRandom().next() != SystemRandom().next())
    }
}
