package import NIOCore

/// Writes JSON into a `ByteBuffer`. The caller keeps objects and arrays balanced; commas come by
/// themselves.
package struct JSONWriter {
    private var buffer: ByteBuffer
    private var needsComma = false

    /// Appends to `buffer`.
    package init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// What was written. The writer is empty afterwards.
    package mutating func finish() -> ByteBuffer {
        let written = buffer
        buffer = ByteBuffer()
        return written
    }

    package mutating func beginObject() { opened(UInt8(ascii: "{")) }
    package mutating func endObject() { closed(UInt8(ascii: "}")) }
    package mutating func beginArray() { opened(UInt8(ascii: "[")) }
    package mutating func endArray() { closed(UInt8(ascii: "]")) }

    /// `name` must need no escapes.
    package mutating func key(_ name: StaticString) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { escaped(UnsafeRawBufferPointer($0)) }
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func integer(_ value: UInt64) {
        separate()
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)  // 24 bytes; 20 are enough
        withUnsafeMutableBytes(of: &digits) { space in
            var rest = value
            var index = space.count
            repeat {
                index -= 1
                space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: space[index...]))
        }
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
        needsComma = true
    }

    /// An id as a string of 16 lower hex digits.
    package mutating func hex(_ value: UInt64) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        var text: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &text) { space in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
                space[index] = hexDigit(digit)
            }
            buffer.writeBytes(UnsafeRawBufferPointer(space))
        }
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func opened(_ byte: UInt8) {
        separate()
        buffer.writeInteger(byte)
        needsComma = false
    }

    private mutating func closed(_ byte: UInt8) {
        buffer.writeInteger(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
    }

    private mutating func escaped(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { continue }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            start = index + 1
            switch byte {
            case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
            case 0x0A: buffer.writeStaticString("\\n")
            case 0x0D: buffer.writeStaticString("\\r")
            case 0x09: buffer.writeStaticString("\\t")
            default:
                buffer.writeStaticString("\\u00")
                buffer.writeInteger(hexDigit(byte >> 4))
                buffer.writeInteger(hexDigit(byte & 15))
            }
        }
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    private func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
