/// 16-byte keys drawn with replacement from a fixed set, 100-byte values that compress to a half.
/// Used by one thread: rows share one buffer, each is valid until the next is asked for.
final class KeyValueSource {
    private static let valueLength = 100
    private static let poolLength = 1 << 20
    private let keyMemory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
    private let pool = UnsafeMutableRawPointer.allocate(byteCount: poolLength, alignment: 8)
    private let keys: UInt64

    init(seed: UInt64, keys: Int) {
        self.keys = UInt64(keys)
        // 50 random bytes and the same 50 again: no coder does better than a half.
        var random = RandomSource(seed: seed, stream: 0xB1_0B)
        var offset = 0
        while offset + 100 <= Self.poolLength {
            for index in 0..<50 {
                let byte = UInt8(truncatingIfNeeded: random.next() >> 32)
                pool.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
                pool.storeBytes(of: byte, toByteOffset: offset + 50 + index, as: UInt8.self)
            }
            offset += 100
        }
    }

    deinit {
        keyMemory.deallocate()
        pool.deallocate()
    }

    /// A random key of the set.
    func key(_ random: inout RandomSource) -> UnsafeRawBufferPointer {
        let number = random.below(keys)
        keyMemory.storeBytes(of: number.bigEndian, as: UInt64.self)
        let rest = RandomSource.scramble(number)
        keyMemory.storeBytes(of: rest.bigEndian, toByteOffset: 8, as: UInt64.self)
        return UnsafeRawBufferPointer(start: keyMemory, count: 16)
    }

    /// A random key of the set with a random value.
    func row(_ random: inout RandomSource) -> KeyValue {
        let key = key(&random)
        let start = 100 * Int(random.below(UInt64(Self.poolLength / 100 - 1)))
        return KeyValue(
            key: key, value: UnsafeRawBufferPointer(start: pool + start, count: Self.valueLength))
    }
}
