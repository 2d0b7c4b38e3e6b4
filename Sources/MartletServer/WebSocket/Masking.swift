import NIOCore

/// The mask of RFC 6455 section 5.3: four bytes, over and over.
enum Masking {
    /// Moves `count` bytes from `input` to the end of `output`, unmasked. The mask's first byte is
    /// its most significant one.
    static func move(
        _ count: Int, from input: inout ByteBuffer, to output: inout ByteBuffer, mask: UInt32
    ) {
        let mask32 = mask.bigEndian  // in memory: the bytes in the order of the wire
        let mask64 = UInt64(mask32) << 32 | UInt64(mask32)
        output.reserveCapacity(minimumWritableBytes: count)
        input.readWithUnsafeReadableBytes { source in
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
                var index = 0
                while index + 8 <= count {
                    let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    target.storeBytes(of: word ^ mask64, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < count {
                    let key = UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * (index & 3)))
                    target[index] = source[index] ^ key
                    index += 1
                }
                return count
            }
            return count
        }
    }

    /// The mask for the bytes after the next `count`.
    static func rotated(_ mask: UInt32, by count: Int) -> UInt32 {
        let bits = UInt32(count & 3) * 8
        return bits == 0 ? mask : mask << bits | mask >> (32 - bits)
    }
}
