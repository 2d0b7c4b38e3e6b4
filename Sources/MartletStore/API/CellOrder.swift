import Glibc

/// The one order of cells: memtable, tables, merges and the dump tool all use it.
package enum CellOrder {
    /// Negative, zero or positive as `a` sorts before, with or after `b`, by unsigned bytes; a
    /// string sorts before its own extensions.
    @inline(__always)
    package static func compareBytes(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer
    ) -> Int {
        let common = min(a.count, b.count)
        var offset = 0
        if let left = a.baseAddress, let right = b.baseAddress {
            while offset &+ 8 <= common {
                let x = left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let y = right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                if x != y { return x.bigEndian < y.bigEndian ? -1 : 1 }
                offset &+= 8
            }
            while offset < common {
                let x = left.load(fromByteOffset: offset, as: UInt8.self)
                let y = right.load(fromByteOffset: offset, as: UInt8.self)
                if x != y { return x < y ? -1 : 1 }
                offset &+= 1
            }
        }
        return a.count &- b.count
    }

    @inline(__always)
    package static func compare(_ a: CellPosition, _ b: CellPosition) -> Int {
        let rows = compareBytes(a.row, b.row)
        return rows != 0 ? rows : compareInRow(a, b)
    }

    /// As `compare`, for two positions known to be in the same row.
    @inline(__always)
    package static func compareInRow(_ a: CellPosition, _ b: CellPosition) -> Int {
        let qualifiers = compareBytes(a.qualifier, b.qualifier)
        if qualifiers != 0 { return qualifiers }
        if a.timestamp != b.timestamp { return a.timestamp > b.timestamp ? -1 : 1 }
        if a.trailer != b.trailer { return a.trailer > b.trailer ? -1 : 1 }
        return 0
    }

    /// The first eight bytes of `bytes` as a big-endian number, zero-padded: orders as the bytes
    /// do, except that equal heads decide nothing.
    @inline(__always)
    package static func head(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        if bytes.count >= 8 {
            return UInt64(bigEndian: base.loadUnaligned(as: UInt64.self))
        }
        var head: UInt64 = 0
        for index in 0..<bytes.count {
            let byte = UInt64(base.load(fromByteOffset: index, as: UInt8.self))
            head |= byte << (56 - 8 * UInt64(index))
        }
        return head
    }
}
