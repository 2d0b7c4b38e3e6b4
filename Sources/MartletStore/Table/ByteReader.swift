/// Reads tagged and counted fields off a block's content, never beyond its end.
struct ByteReader {
    private let base: UnsafeRawPointer
    private let limit: Int
    private var at = 0

    init(_ block: CachedBlock) {
        base = block.base
        limit = block.count
    }

    var isAtEnd: Bool { at >= limit }

    /// Nil at the end or where there is no valid number.
    mutating func varint() -> UInt64? {
        let value = TableCoding.varint(base, &at, limit)
        return at <= limit ? value : nil
    }

    /// A length and as many bytes.
    mutating func string() -> [UInt8]? {
        let count = TableCoding.length(base, &at, limit)
        guard at <= limit else { return nil }
        defer { at += count }
        return [UInt8](UnsafeRawBufferPointer(start: base + at, count: count))
    }
}

/// Writes what `ByteReader` reads.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(varint value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    mutating func put(string: [UInt8]) {
        put(varint: UInt64(string.count))
        bytes += string
    }
}
