import Glibc

/// The growing bytes of a batch: exactly the log record's payload without its store timestamp, so
/// that a commit copies it once.
///
/// Layout (docs/formats/batch.md): count u32 little-endian, then the mutations.
///
/// `@unchecked Sendable`: mutated only by the `WriteBatch` that holds the sole reference to it
/// (checked before every mutation), so no two threads can meet here while one of them writes.
final class BatchStorage: @unchecked Sendable {
    private(set) var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes used, the count included.
    fileprivate(set) var count = 4
    /// Mutations encoded.
    fileprivate(set) var mutations: UInt32 = 0
    /// One more than the highest tree number of a mutation.
    fileprivate(set) var treesEnd: UInt32 = 0

    init(capacity: Int = 512) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func copy() -> BatchStorage {
        let other = BatchStorage(capacity: capacity)
        other.base.copyMemory(from: base, byteCount: count)
        other.count = count
        other.mutations = mutations
        other.treesEnd = treesEnd
        return other
    }

    func removeAll() {
        count = 4
        mutations = 0
        treesEnd = 0
    }

    /// Makes room for `more` bytes.
    @inline(__always)
    fileprivate func reserve(_ more: Int) {
        if count + more > capacity { grow(to: count + more) }
    }

    private func grow(to wanted: Int) {
        capacity = max(wanted, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    @inline(__always)
    fileprivate func append(byte: UInt8) {
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    fileprivate func append(varint value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            append(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    fileprivate func append(word value: UInt64) {
        base.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= 8
    }

    @inline(__always)
    fileprivate func append(counted bytes: UnsafeRawBufferPointer) {
        append(varint: bytes.count)
        if let source = bytes.baseAddress, bytes.count > 0 {
            memcpy(base + count, source, bytes.count)
            count &+= bytes.count
        }
    }
}

/// The parts of one mutation, as `BatchStorage.append` encodes them.
struct MutationParts {
    var operation: UInt8
    var tree: UInt32
    var timestamp: UInt64?
    var timeToLive: UInt64?
}

extension BatchStorage {
    /// Appends a mutation; `qualifier` and `tail` (a put's value, a range's end) where it has them.
    @inline(__always)
    func append(
        _ parts: MutationParts, row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer?,
        tail: UnsafeRawBufferPointer?
    ) {
        reserve(64 + row.count + (qualifier?.count ?? 0) + (tail?.count ?? 0))
        var operation = parts.operation
        if parts.timestamp != nil { operation |= BatchFormat.hasTimestamp }
        if parts.timeToLive != nil { operation |= BatchFormat.hasTimeToLive }
        append(byte: operation)
        append(varint: Int(parts.tree))
        append(counted: row)
        if let qualifier { append(counted: qualifier) }
        if let timestamp = parts.timestamp { append(word: timestamp) }
        if let timeToLive = parts.timeToLive { append(word: timeToLive) }
        if let tail { append(counted: tail) }
        mutations &+= 1
        treesEnd = max(treesEnd, parts.tree &+ 1)
        base.storeBytes(of: mutations.littleEndian, as: UInt32.self)
    }
}

/// Constants of the batch format (docs/formats/batch.md).
package enum BatchFormat {
    /// The operation byte of a range delete; 1 to 4 are `CellKind`'s raw values.
    package static let deleteRange: UInt8 = 5
    /// Set in the operation byte: a timestamp of its own follows.
    package static let hasTimestamp: UInt8 = 0x40
    /// Set in the operation byte: a time to live follows.
    package static let hasTimeToLive: UInt8 = 0x80
    /// Bytes of the store timestamp in front of a logged batch.
    package static let timestampSize = 8
    /// The longest batch, in bytes.
    package static let byteCountMax = 64 << 20
    /// The longest row and qualifier, in bytes.
    package static let keyCountMax = 65_535
    /// The longest value, in bytes.
    package static let valueCountMax = 16 << 20
}
