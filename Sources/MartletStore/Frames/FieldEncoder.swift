/// Builds fields of frames and edits: little-endian numbers, byte strings behind their length.
package struct FieldEncoder {
    package var bytes: [UInt8] = []

    package init() {}

    @inlinable
    package mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A byte, 0 or 1.
    package mutating func put(_ flag: Bool) { put(UInt8(flag ? 1 : 0)) }

    /// A u32 length and the bytes.
    package mutating func put(_ string: [UInt8]) {
        put(UInt32(clamping: string.count))
        bytes += string
    }

    /// A u32 length and the UTF-8.
    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// A u16 length and as much UTF-8, at most `limit` bytes of it.
    package mutating func put(_ text: String, limit: Int) {
        var cut = Array(text.utf8.prefix(limit))
        while String(validating: cut, as: UTF8.self) == nil { cut.removeLast() }
        put(UInt16(clamping: cut.count))
        bytes += cut
    }

    /// A tag, a u32 length and what `body` puts.
    mutating func field(_ tag: UInt8, _ body: (inout FieldEncoder) -> Void) {
        var inner = FieldEncoder()
        body(&inner)
        put(tag)
        put(inner.bytes)
    }
}
