/// 128 bits of a range's cells: docs/formats/digest.md. Finds what went wrong, not who lies: it is
/// no cryptographic hash.
struct DigestHash {
    private var first: UInt64 = 0x243f_6a88_85a3_08d3
    private var second: UInt64 = 0x1319_8a2e_0370_7344

    @inline(__always)
    mutating func add(_ word: UInt64) {
        first = Self.rotated((first ^ word) &* 0x9e37_79b9_7f4a_7c15, by: 31)
        second = Self.rotated((second ^ word) &* 0xc2b2_ae3d_27d4_eb4f, by: 27) &+ first
    }

    /// The count, then the bytes as little-endian words, the last one filled with zeros.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(UInt64(bytes.count))
        var offset = 0
        while bytes.count - offset >= 8 {
            add(bytes.number(at: offset, UInt64.self))
            offset += 8
        }
        guard offset < bytes.count else { return }
        var word: UInt64 = 0
        for index in (offset..<bytes.count).reversed() { word = word << 8 | UInt64(bytes[index]) }
        add(word)
    }

    var value: DigestValue {
        DigestValue(high: Self.mixed(first &+ second), low: Self.mixed(second ^ first >> 32))
    }

    @inline(__always)
    private static func rotated(_ word: UInt64, by bits: UInt64) -> UInt64 {
        word << bits | word >> (64 - bits)
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
