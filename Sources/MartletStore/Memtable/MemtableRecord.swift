/// A cell as it lies in the arena; immutable once a leaf's permutation has published it.
///
///     0  timestamp u64
///     8  trailer u64
///     16 row length u16 | qualifier length u16
///     20 value length, bit 31: has a time to live, u32
///     24 [time to live u64] row, qualifier, value
struct MemtableRecord {
    static let headerSize = 24
    private static let hasTimeToLive: UInt32 = 1 << 31

    let pointer: UnsafeMutableRawPointer

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer, _ offset: ArenaOffset) {
        pointer = base + Int(offset) &* 8
    }

    /// Bytes of the record of `cell` in the arena.
    @inline(__always)
    static func size(_ cell: CellReference) -> Int {
        headerSize &+ (cell.timeToLive == 0 ? 0 : 8) &+ cell.row.count &+ cell.qualifier.count
            &+ cell.value.count
    }

    @inline(__always) var timestamp: UInt64 { pointer.load(as: UInt64.self) }
    @inline(__always) var trailer: UInt64 { pointer.load(fromByteOffset: 8, as: UInt64.self) }

    /// Row length in the low 16 bits, qualifier length in the next 16, value word above.
    @inline(__always)
    private var lengths: UInt64 { pointer.load(fromByteOffset: 16, as: UInt64.self) }

    @inline(__always)
    private static func keyOffset(_ lengths: UInt64) -> Int {
        headerSize &+ Int(truncatingIfNeeded: (lengths >> 63) << 3)
    }

    @inline(__always)
    var row: UnsafeRawBufferPointer {
        let lengths = lengths
        return UnsafeRawBufferPointer(
            start: pointer + Self.keyOffset(lengths),
            count: Int(truncatingIfNeeded: lengths & 0xFFFF))
    }

    @inline(__always)
    var qualifier: UnsafeRawBufferPointer {
        let lengths = lengths
        return UnsafeRawBufferPointer(
            start: pointer + Self.keyOffset(lengths)
                + Int(truncatingIfNeeded: lengths & 0xFFFF),
            count: Int(truncatingIfNeeded: lengths >> 16 & 0xFFFF))
    }

    @inline(__always)
    var position: CellPosition {
        CellPosition(row: row, qualifier: qualifier, timestamp: timestamp, trailer: trailer)
    }

    @inline(__always)
    var cell: CellReference {
        let lengths = lengths
        let start = Self.keyOffset(lengths)
        let rowCount = Int(truncatingIfNeeded: lengths & 0xFFFF)
        let qualifierCount = Int(truncatingIfNeeded: lengths >> 16 & 0xFFFF)
        let valueCount = Int(truncatingIfNeeded: lengths >> 32 & 0x7FFF_FFFF)
        let row = pointer + start
        return CellReference(
            row: UnsafeRawBufferPointer(start: row, count: rowCount),
            qualifier: UnsafeRawBufferPointer(start: row + rowCount, count: qualifierCount),
            timestamp: timestamp, trailer: trailer,
            timeToLive: start == Self.headerSize
                ? 0 : pointer.load(fromByteOffset: Self.headerSize, as: UInt64.self),
            value: UnsafeRawBufferPointer(
                start: row + rowCount + qualifierCount, count: valueCount))
    }

    /// Writes `cell` into the record's `size(cell)` bytes.
    @inline(__always)
    func write(_ cell: CellReference) {
        pointer.storeBytes(of: cell.timestamp, as: UInt64.self)
        pointer.storeBytes(of: cell.trailer, toByteOffset: 8, as: UInt64.self)
        let keys = UInt32(cell.row.count) | UInt32(cell.qualifier.count) << 16
        let flag = cell.timeToLive == 0 ? 0 : Self.hasTimeToLive
        pointer.storeBytes(of: keys, toByteOffset: 16, as: UInt32.self)
        pointer.storeBytes(
            of: UInt32(cell.value.count) | flag, toByteOffset: 20, as: UInt32.self)
        var target = pointer + Self.headerSize
        if cell.timeToLive != 0 {
            target.storeBytes(of: cell.timeToLive, as: UInt64.self)
            target += 8
        }
        Self.append(cell.row, to: &target)
        Self.append(cell.qualifier, to: &target)
        Self.append(cell.value, to: &target)
    }

    @inline(__always)
    private static func append(
        _ bytes: UnsafeRawBufferPointer, to target: inout UnsafeMutableRawPointer
    ) {
        guard let source = bytes.baseAddress else { return }
        target.copyMemory(from: source, byteCount: bytes.count)
        target += bytes.count
    }
}
