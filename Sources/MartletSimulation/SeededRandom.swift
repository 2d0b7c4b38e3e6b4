import MartletStore

/// Random numbers that a seed decides, for simulations and tests (SplitMix64). Not for keys.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A door to randomness that a seed decides.
///
/// `@unchecked Sendable`: the generator is used under `monitor` only.
package final class SeededRandom: RandomSource, @unchecked Sendable {
    private let monitor = Monitor()
    private var generator: SeededGenerator

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        monitor.withLock {
            for index in buffer.indices {
                buffer[index] = UInt8(truncatingIfNeeded: generator.next() >> 32)
            }
        }
    }
}
