import CMartlet
import Glibc

/// The operating system's clocks.
package struct SystemClock: StoreClock {
    package init() {}

    package func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(time.tv_sec, 0)) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    package func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The kernel's random bytes.
package struct SystemRandom: RandomSource {
    package init() {}

    package func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        let result = martlet_random(buffer.baseAddress, buffer.count)
        // No store can be run on a kernel without randomness: tokens would be guessable.
        guard result == 0 else { fatalError("getrandom failed: errno \(-result)") }
    }
}
