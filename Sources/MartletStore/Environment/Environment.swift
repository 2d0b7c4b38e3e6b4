/// The doors to the outside: files, clock, randomness, threads. Nothing else in the engine may
/// touch them, so that all of it runs on `MartletSimulation`'s doors as well.
public struct Environment: Sendable {
    package var fileSystem: any FileSystem
    package var clock: any StoreClock
    package var random: any RandomSource
    package var background: any BackgroundExecutor

    package init(
        fileSystem: any FileSystem, clock: any StoreClock, random: any RandomSource,
        background: any BackgroundExecutor
    ) {
        self.fileSystem = fileSystem
        self.clock = clock
        self.random = random
        self.background = background
    }
}

/// The door to time.
package protocol StoreClock: Sendable {
    /// Microseconds since 1970. May step back.
    func now() -> UInt64
    /// Nanoseconds since some start. Never steps back.
    func monotonicNanoseconds() -> UInt64
}

/// The door to randomness.
package protocol RandomSource: Sendable {
    /// Fills `buffer` with bytes fit for keys and tokens.
    func fill(_ buffer: UnsafeMutableRawBufferPointer)
}

extension RandomSource {
    package func next() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0) }
        return value
    }
}

/// Which threads a background job may run on.
package enum BackgroundLane: Sendable, CaseIterable {
    /// Memtables to tables: never waits behind a compaction.
    case flush
    /// Merging tables.
    case compaction
    /// Memory for memtables: waits behind neither, as the writer would wait for it.
    case memory
}

/// The door to threads.
package protocol BackgroundExecutor: Sendable {
    /// Whether jobs run on threads of the executor's own. False in simulation, where `runOne` does.
    var hasThreads: Bool { get }
    /// Runs `job` later on one of the lane's threads.
    func submit(_ lane: BackgroundLane, _ job: @escaping @Sendable () -> Void)
    /// Runs one waiting job on the calling thread if this executor has no threads of its own
    /// (simulation). Returns false if it has threads, or nothing waits.
    func runOne() -> Bool
    /// A thread of the owner's own, named. Unsupported (traps) in simulation.
    func spawn(_ name: String, _ body: @escaping @Sendable () -> Void)
    /// Asks for short slices of the processor for the calling thread, which others wait for, and
    /// which works little at a time. It gets no more of the processor by that, but gets it sooner
    /// when it wakes up. No effect where the system has no such thing.
    func shortenSlices()
}

extension BackgroundExecutor {
    package var hasThreads: Bool { true }
    package func shortenSlices() {}
}
