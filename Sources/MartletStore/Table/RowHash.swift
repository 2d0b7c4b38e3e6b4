/// The filters' 64-bit hash of a byte string: part of the table format, never to change.
///
/// Sixteen bytes a step through 64 x 64 -> 128-bit multiplications, whose halves are folded by xor.
package enum RowHash {
    static let first: UInt64 = 0xA076_1D64_78BD_642F
    static let second: UInt64 = 0xE703_7ED1_A0B4_28DB
    static let third: UInt64 = 0x8EBC_6AF0_9C88_C6E3

    @inline(__always)
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        var state = first
        guard let base = bytes.baseAddress, count > 0 else { return finish(state, 0) }
        var at = 0
        while at &+ 16 <= count {
            let low = TableCoding.u64(base, at)
            let high = TableCoding.u64(base, at &+ 8)
            state = fold(low ^ second, high ^ state)
            at &+= 16
        }
        let rest = count &- at
        if rest > 0 {
            var low: UInt64 = 0
            var high: UInt64 = 0
            if rest >= 8 {
                low = TableCoding.u64(base, at)
                if rest > 8 { high = last(base, count, rest &- 8) }
            } else {
                low = last(base, count, rest)
            }
            state = fold(low ^ second, high ^ state)
        }
        return finish(state, count)
    }

    @inline(__always)
    private static func finish(_ state: UInt64, _ count: Int) -> UInt64 {
        fold(state ^ third, UInt64(count) ^ second)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// The last `rest` (1...7) of `count` bytes as a little-endian number.
    @inline(__always)
    private static func last(_ base: UnsafeRawPointer, _ count: Int, _ rest: Int) -> UInt64 {
        if count >= 8 {
            return TableCoding.u64(base, count &- 8) >> (64 &- 8 &* UInt64(rest))
        }
        var value: UInt64 = 0
        var index = rest
        while index > 0 {
            index &-= 1
            let byte = base.load(fromByteOffset: count &- rest &+ index, as: UInt8.self)
            value = value << 8 | UInt64(byte)
        }
        return value
    }
}
