import Foundation

/// A seeded, fast generator (xoshiro256**), the same on every run and for every engine.
struct RandomSource: RandomNumberGenerator, Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// Equal seed and stream give the equal sequence.
    init(seed: UInt64, stream: UInt64) {
        var state = RandomSource.scramble(seed) ^ RandomSource.scramble(stream &+ 0x5EED)
        func following() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return RandomSource.scramble(state)
        }
        s0 = following()
        s1 = following()
        s2 = following()
        s3 = following() | 1
    }

    /// A one-to-one mixing of 64 bits (the finaliser of SplitMix64).
    static func scramble(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func next() -> UInt64 {
        let rotated = s1 &* 5
        let result = ((rotated << 7) | (rotated >> 57)) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// Uniform in [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0..<bound; the bias is below bound / 2^64.
    mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}

/// Ranks 0..<count with the given Zipf exponent, after Gray et al. (as in YCSB): no tables.
struct ZipfDistribution: Sendable {
    private let count: Double
    private let theta: Double
    private let zeta: Double
    private let alpha: Double
    private let eta: Double

    /// `theta` in (0, 1). Costs `count` powers once.
    init(count: Int, theta: Double = 0.99) {
        self.count = Double(count)
        self.theta = theta
        var sum = 0.0
        for rank in 1...count { sum += pow(1 / Double(rank), theta) }
        zeta = sum
        alpha = 1 / (1 - theta)
        eta = (1 - pow(2 / self.count, 1 - theta)) / (1 - (1 + pow(0.5, theta)) / sum)
    }

    /// Draws a rank; 0 is the most frequent.
    func draw(_ random: inout RandomSource) -> Int {
        let uniform = random.unit()
        let scaled = uniform * zeta
        if scaled < 1 { return 0 }
        if scaled < 1 + pow(0.5, theta) { return 1 }
        return min(Int(count) - 1, Int(count * pow(eta * uniform - eta + 1, alpha)))
    }
}
