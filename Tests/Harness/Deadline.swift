import Glibc

/// A moment of the monotonic clock after which nobody waits any more.
public struct Deadline: Sendable {
    /// As `CLOCK_MONOTONIC` counts.
    private let nanoseconds: UInt64

    /// - Parameter nanoseconds: as `CLOCK_MONOTONIC` counts.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// So many seconds from now.
    public static func after(seconds: UInt64) -> Deadline { after(milliseconds: seconds * 1_000) }

    /// So many milliseconds from now.
    public static func after(milliseconds: UInt64) -> Deadline {
        Deadline(nanoseconds: now + milliseconds * 1_000_000)
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Whether the moment has come.
    public var isOver: Bool { Self.now >= nanoseconds }

    /// What is left, as `poll` takes it: not 0 before it is over.
    var milliseconds: Int32 {
        let now = Self.now
        return now >= nanoseconds ? 0 : Int32(clamping: (nanoseconds - now) / 1_000_000 + 1)
    }

    /// Lets the time pass. This is for what goes by the clock: the pace of a load, a step of
    /// `waitUntil`. Who waits for something waits for that.
    public func pass() {
        var time = timespec()
        time.tv_sec = Int(nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    /// The earlier one of the two.
    func orAfter(milliseconds: UInt64) -> Deadline {
        Deadline(nanoseconds: min(nanoseconds, Self.now + milliseconds * 1_000_000))
    }
}

/// Asks again and again whether something is so, until it is or the deadline is over.
///
/// This is for what nobody tells: the state of another process, read through its socket, its
/// metrics or a command. Where there is an event (a process ends or writes a line, bytes come, a
/// thread of this process is done) it is waited for itself: `ChildProcess.wait(until:)` and
/// `waitForOutput(_:until:)`, `poll`, a semaphore.
///
/// - Parameter milliseconds: between an answer and the next question.
/// - Returns: whether it is so.
public func waitUntil(
    _ deadline: Deadline, everyMilliseconds milliseconds: UInt64 = 10,
    _ isSo: () throws -> Bool
) rethrows -> Bool {
    while true {
        if try isSo() { return true }
        if deadline.isOver { return false }
        deadline.orAfter(milliseconds: milliseconds).pass()
    }
}
