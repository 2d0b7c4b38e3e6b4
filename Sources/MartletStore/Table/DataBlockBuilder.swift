/// Writes the cells of one data block, in order, each as its difference from the one before.
///
/// One builder is used for block after block. Its memory grows to the largest block and stays.
struct DataBlockBuilder: ~Copyable {
    private var buffer: UnsafeMutableRawPointer
    private var capacity = 64 << 10
    /// Bytes of cells so far.
    private(set) var cellBytes = 0
    private(set) var count = 0
    private(set) var tombstones = 0
    private var restarts: [UInt32] = []
    private var baseTimestamp: UInt64 = 0
    private var baseSequence: UInt64 = 0
    private var previousTimestamp: UInt64 = 0

    init() {
        buffer = .allocate(byteCount: capacity, alignment: 16)
        restarts.reserveCapacity(256)
    }

    deinit { buffer.deallocate() }

    var isEmpty: Bool { count == 0 }

    /// Bytes of the block if it were finished now.
    var byteCount: Int { cellBytes &+ restarts.count &* 4 &+ TableFormat.dataTailSize }

    mutating func reset() {
        cellBytes = 0
        count = 0
        tombstones = 0
        restarts.removeAll(keepingCapacity: true)
        baseSequence = 0
    }

    /// Appends a cell, which must sort behind the last one.
    /// - Parameters:
    ///   - shared: how many first bytes of the row are those of the cell before.
    ///   - sameRow: the row is the row of the cell before.
    ///   - sameQualifier: the row and the qualifier are those of the cell before.
    @inline(__always)
    mutating func add(_ cell: CellReference, shared: Int, sameRow: Bool, sameQualifier: Bool) {
        let most =
            cell.row.count &+ cell.qualifier.count &+ cell.value.count &+ restarts.count &* 4
            &+ TableFormat.dataTailSize &+ 80
        if cellBytes &+ most > capacity { grow(most) }

        let restart = count & (TableFormat.restartInterval &- 1) == 0
        if restart { startInterval(cell) }
        let sequence = cell.sequence
        if baseSequence == 0 { baseSequence = sequence }

        var flags = cell.kindByte & TableFormat.kindMask
        let flagsOffset = cellBytes
        var at = cellBytes &+ 1
        if sameRow, !restart {
            flags |= TableFormat.sameRow
        } else {
            let shared = restart ? 0 : shared
            TableCoding.put(varint: UInt64(shared), buffer, &at)
            append(cell.row, from: shared, &at)
        }
        if sameQualifier, !restart {
            flags |= TableFormat.sameQualifier
        } else {
            append(cell.qualifier, from: 0, &at)
        }
        if cell.timestamp == previousTimestamp, !restart {
            flags |= TableFormat.sameTimestamp
        } else {
            let delta = cell.timestamp &- previousTimestamp
            TableCoding.put(varint: TableCoding.zigzag(delta), buffer, &at)
            previousTimestamp = cell.timestamp
        }
        if sequence == 0 {
            flags |= TableFormat.sequenceIsZero
        } else {
            TableCoding.put(varint: TableCoding.zigzag(sequence &- baseSequence), buffer, &at)
        }
        if cell.timeToLive != 0 {
            flags |= TableFormat.hasTimeToLive
            TableCoding.put(varint: cell.timeToLive, buffer, &at)
        }
        if cell.kindByte == CellKind.put.rawValue {
            append(cell.value, from: 0, &at)
        } else {
            tombstones &+= 1
        }
        buffer.storeBytes(of: flags, toByteOffset: flagsOffset, as: UInt8.self)
        cellBytes = at
        count &+= 1
    }

    /// Completes the block; its bytes stay valid until the next `add` or `reset`.
    mutating func finish() -> UnsafeRawBufferPointer {
        var at = cellBytes
        for restart in restarts {
            TableCoding.put(u32: restart, buffer, at)
            at += 4
        }
        TableCoding.put(u64: baseTimestamp, buffer, at)
        TableCoding.put(u64: baseSequence, buffer, at + 8)
        TableCoding.put(u32: UInt32(count), buffer, at + 16)
        TableCoding.put(u32: UInt32(restarts.count), buffer, at + 20)
        return UnsafeRawBufferPointer(start: buffer, count: at + TableFormat.dataTailSize)
    }

    private mutating func startInterval(_ cell: CellReference) {
        restarts.append(UInt32(cellBytes))
        if count == 0 { baseTimestamp = cell.timestamp }
        previousTimestamp = baseTimestamp
    }

    /// Appends a length and the bytes from `start` on.
    @inline(__always)
    private func append(_ bytes: UnsafeRawBufferPointer, from start: Int, _ at: inout Int) {
        let count = bytes.count &- start
        TableCoding.put(varint: UInt64(count), buffer, &at)
        if count > 0, let source = bytes.baseAddress {
            (buffer + at).copyMemory(from: source + start, byteCount: count)
            at &+= count
        }
    }

    private mutating func grow(_ more: Int) {
        let bigger = max(capacity * 2, cellBytes + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: bigger, alignment: 16)
        moved.copyMemory(from: buffer, byteCount: cellBytes)
        buffer.deallocate()
        buffer = moved
        capacity = bigger
    }
}
