/// Numbers as tables store them: fixed ones little-endian, varints seven bits a byte, least first.
///
/// Readers never read at or behind `limit`; where a number does not fit they set `offset` to
/// `limit + 1`, which every later read and `length` check refuses: one check at the end is enough.
enum TableCoding {
    static let varintMax = 10

    @inline(__always)
    static func zigzag(_ delta: UInt64) -> UInt64 {
        (delta << 1) ^ UInt64(bitPattern: Int64(bitPattern: delta) >> 63)
    }

    @inline(__always)
    static func unzigzag(_ value: UInt64) -> UInt64 {
        (value >> 1) ^ (0 &- (value & 1))
    }

    /// Writes at most ten bytes; the caller made room.
    @inline(__always)
    static func put(varint value: UInt64, _ base: UnsafeMutableRawPointer, _ offset: inout Int) {
        var value = value
        while value >= 0x80 {
            base.storeBytes(
                of: UInt8(truncatingIfNeeded: value) | 0x80, toByteOffset: offset, as: UInt8.self)
            offset &+= 1
            value >>= 7
        }
        base.storeBytes(
            of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
        offset &+= 1
    }

    @inline(__always)
    static func varint(_ base: UnsafeRawPointer, _ offset: inout Int, _ limit: Int) -> UInt64 {
        if offset &+ 1 < limit {
            let pair = UInt16(
                littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            if pair & 0x80 == 0 {
                offset &+= 1
                return UInt64(pair & 0x7F)
            }
            if pair & 0x8000 == 0 {
                offset &+= 2
                return UInt64(pair & 0x7F) | UInt64(pair >> 8) << 7
            }
        }
        return longVarint(base, &offset, limit)
    }

    /// A varint that says how many bytes follow it; fails if they do not fit before `limit`.
    @inline(__always)
    static func length(_ base: UnsafeRawPointer, _ offset: inout Int, _ limit: Int) -> Int {
        let value = varint(base, &offset, limit)
        let room = limit &- offset
        if room < 0 || value > UInt64(bitPattern: Int64(room)) {
            offset = limit &+ 1
            return 0
        }
        return Int(truncatingIfNeeded: value)
    }

    @inline(never)
    private static func longVarint(
        _ base: UnsafeRawPointer, _ offset: inout Int, _ limit: Int
    ) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var place = offset
        while place < limit, shift < 64 {
            let byte = base.load(fromByteOffset: place, as: UInt8.self)
            if shift == 63, byte > 1 { break }
            value |= UInt64(byte & 0x7F) << shift
            place &+= 1
            if byte < 0x80 {
                offset = place
                return value
            }
            shift &+= 7
        }
        offset = limit &+ 1
        return 0
    }

    @inline(__always)
    static func u32(_ base: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    static func u64(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    static func put(u32 value: UInt32, _ base: UnsafeMutableRawPointer, _ offset: Int) {
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    @inline(__always)
    static func put(u64 value: UInt64, _ base: UnsafeMutableRawPointer, _ offset: Int) {
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }

    /// Copies in whole words: reads up to 15 bytes behind the source (a block's slack) and writes
    /// as many behind the target (which must have that room).
    @inline(__always)
    static func copyWords(
        _ target: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ count: Int
    ) {
        if count > 64 {
            target.copyMemory(from: source, byteCount: count)
            return
        }
        var done = 0
        while done < count {
            target.storeBytes(
                of: source.loadUnaligned(fromByteOffset: done, as: SIMD16<UInt8>.self),
                toByteOffset: done, as: SIMD16<UInt8>.self)
            done &+= 16
        }
    }

    /// How many first bytes `a` and `b` share, up to `limit` (at most both counts).
    @inline(__always)
    static func sharedPrefix(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ limit: Int) -> Int {
        var shared = 0
        while shared &+ 8 <= limit {
            let x = a.loadUnaligned(fromByteOffset: shared, as: UInt64.self)
            let y = b.loadUnaligned(fromByteOffset: shared, as: UInt64.self)
            if x != y {
                return shared &+ (x ^ y).littleEndian.trailingZeroBitCount / 8
            }
            shared &+= 8
        }
        while shared < limit,
            a.load(fromByteOffset: shared, as: UInt8.self)
                == b.load(fromByteOffset: shared, as: UInt8.self)
        {
            shared &+= 1
        }
        return shared
    }
}
