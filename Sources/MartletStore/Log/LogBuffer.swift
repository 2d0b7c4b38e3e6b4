/// The bytes of one group of records, built in place; reused from group to group, so that a record
/// costs no allocation.
struct LogBuffer: ~Copyable {
    private static let smallest = 256 << 10
    private static let largestKept = 4 << 20

    private var bytes: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init() { bytes = Self.allocate(Self.smallest) }

    deinit { bytes.deallocate() }

    var contents: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<count])
    }

    /// Empties the buffer and makes room for `capacity` bytes.
    mutating func begin(capacity: Int) {
        count = 0
        let isWasteful = bytes.count > Self.largestKept && capacity <= Self.smallest
        if bytes.count < capacity || isWasteful {
            bytes.deallocate()
            bytes = Self.allocate(max(capacity, Self.smallest))
        }
    }

    /// Adds the record of `header` with the payload `head` then `tail`, which stands at `offset` of
    /// the file.
    @inline(__always)
    mutating func add(
        _ header: LogRecordHeader, _ head: UnsafeRawBufferPointer,
        _ tail: UnsafeRawBufferPointer, fileID: UInt64, offset: UInt64
    ) {
        let size = header.recordSize
        if count + size > bytes.count { grow(to: count + size) }
        let record = UnsafeMutableRawBufferPointer(rebasing: bytes[count..<count + size])
        guard let base = record.baseAddress else { return }
        let payload = base + LogRecordHeader.size
        if let source = head.baseAddress {
            payload.copyMemory(from: source, byteCount: head.count)
        }
        if let source = tail.baseAddress {
            (payload + head.count).copyMemory(from: source, byteCount: tail.count)
        }
        header.seal(base, fileID: fileID, offset: offset)
        count += size
    }

    private mutating func grow(to size: Int) {
        let larger = Self.allocate(max(size, 2 * bytes.count))
        larger.copyMemory(from: contents)
        bytes.deallocate()
        bytes = larger
    }

    private static func allocate(_ size: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: (size + 4095) & ~4095, alignment: 4096)
    }
}
