/// Reads a stored value from its front; every read says `nil` where the bytes end.
struct ByteReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// A big-endian number of the type's width.
    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type = Number.self
    ) -> Number? {
        take(Number.bitWidth / 8).map { $0.reduce(0) { $0 << 8 | Number($1) } }
    }

    /// Valid UTF-8 behind its length in two bytes.
    mutating func text() -> String? {
        guard let count = number(UInt16.self), let bytes = take(Int(count)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    mutating func append(big number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }

    /// The length in two bytes, then the UTF-8; cut off behind `UInt16.max` bytes.
    mutating func append(short text: String) {
        let bytes = Array(text.utf8.prefix(Int(UInt16.max)))
        append(big: UInt16(bytes.count))
        append(contentsOf: bytes)
    }
}
