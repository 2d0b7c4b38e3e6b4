import Glibc

/// A mutex with a condition: `pthread` ones, because `Synchronization.Mutex` hands ownership over
/// in the kernel and collapses with more than four contending threads (swiftlang/swift#88440).
///
/// `@unchecked Sendable`: both pthread objects live at fixed heap addresses for the value's life
/// and are made for use from several threads; there is no other state but an immutable reference.
package final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let executor: (any BackgroundExecutor)?

    /// - Parameter executor: where given and without threads of its own (simulation), `wait` runs
    ///   its jobs on the waiting thread in place of blocking.
    package init(executor: (any BackgroundExecutor)? = nil) {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        // With threads, `wait` must not let go of the lock before it sleeps: what is signalled in
        // between would be missed, and some waits have no later signal.
        self.executor = executor.flatMap { $0.hasThreads ? nil : $0 }
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    @inline(__always) package func lock() { pthread_mutex_lock(mutex) }
    /// False if another thread holds the lock; does not wait for it.
    @inline(__always) package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }
    @inline(__always) package func unlock() { pthread_mutex_unlock(mutex) }

    @inline(__always)
    package func withLock<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Waits for a `signal` or `broadcast`; the lock must be held, and is held again on return.
    /// May return without cause: call in a loop over the awaited condition.
    package func wait() {
        if let executor {
            unlock()
            let ran = executor.runOne()
            lock()
            if ran { return }
        }
        pthread_cond_wait(condition, mutex)
    }

    /// As `wait`, for at most `microseconds`.
    package func wait(microseconds: UInt64) {
        if let executor {
            unlock()
            let ran = executor.runOne()
            lock()
            if ran { return }
        }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        let nanoseconds = UInt64(deadline.tv_nsec) + (microseconds % 1_000_000) * 1_000
        deadline.tv_sec += Int(microseconds / 1_000_000 + nanoseconds / 1_000_000_000)
        deadline.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_cond_timedwait(condition, mutex, &deadline)
    }

    /// As `wait`, for at most `microseconds`; false without waiting where there are no threads
    /// (simulation) and no job is left to run.
    package func waitOrRun(microseconds: UInt64) -> Bool {
        guard let executor else {
            wait(microseconds: microseconds)
            return true
        }
        unlock()
        defer { lock() }
        return executor.runOne()
    }

    package func signal() { pthread_cond_signal(condition) }
    package func broadcast() { pthread_cond_broadcast(condition) }
}
