/// How long writers are held back, from how far flushes and compactions lag behind.
///
/// Smooth and bounded: the delay grows with the debt from nothing, per byte written, and one group
/// never waits more than `delayMax`; so writers slow down to the rate of the disk in place of
/// meeting a wall (facebook/rocksdb#9423 tells of 100 s stalls where they do).
struct WriteThrottle: Sendable {
    /// Level-0 tables at which the delay begins.
    var levelZeroSoft = 12
    /// Level-0 tables at which the delay reaches `fullDelayPerMiB`.
    var levelZeroHard = 36
    /// Frozen memtables at which the delay begins, and at which it is full.
    var frozenSoft = 2
    var frozenHard: Int
    /// Microseconds per MiB at full debt; grows on in proportion beyond it.
    var fullDelayPerMiB = 40_000.0
    /// The longest delay of one group, in microseconds.
    static let delayMax: UInt64 = 100_000

    init(frozenHard: Int) {
        self.frozenHard = max(frozenHard, 3)
    }

    /// Microseconds that a group of `bytes` waits.
    func delay(bytes: Int, levelZeroFiles: Int, frozenMemtables: Int) -> UInt64 {
        let levelZero = ramp(levelZeroFiles, from: levelZeroSoft, to: levelZeroHard)
        let frozen = ramp(frozenMemtables, from: frozenSoft, to: frozenHard)
        let pressure = max(levelZero, frozen)
        guard pressure > 0 else { return 0 }
        let delay = pressure * fullDelayPerMiB * Double(bytes) / Double(1 << 20)
        return min(UInt64(delay), Self.delayMax)
    }

    private func ramp(_ value: Int, from soft: Int, to hard: Int) -> Double {
        Double(max(0, value - soft)) / Double(hard - soft)
    }
}
