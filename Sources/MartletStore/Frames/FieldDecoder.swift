/// Takes fields apart. No length is believed before the bytes are there; what is wrong is thrown
/// as `.malformed`.
package struct FieldDecoder {
    @usableFromInline var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    package var isAtEnd: Bool { rest.isEmpty }

    @inlinable
    package mutating func take(_ count: Int) throws(FrameError) -> ArraySlice<UInt8> {
        guard count <= rest.count else {
            throw FrameError(.malformed, "the fields end too early")
        }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    @inlinable
    package mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(FrameError) -> Number {
        try take(MemoryLayout<Number>.size).withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(as: Number.self))
        }
    }

    package mutating func flag() throws(FrameError) -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw FrameError(.malformed, "a flag that is neither 0 nor 1")
        }
    }

    /// What stands behind a u32 length.
    package mutating func string() throws(FrameError) -> ArraySlice<UInt8> {
        try take(Int(try number(UInt32.self)))
    }

    /// UTF-8 behind a u32 length, at most 1,024 bytes.
    package mutating func text() throws(FrameError) -> String {
        try text(of: Int(try number(UInt32.self)), limit: 1 << 10)
    }

    /// UTF-8 behind a u16 length.
    package mutating func text(limit: Int) throws(FrameError) -> String {
        try text(of: Int(try number(UInt16.self)), limit: limit)
    }

    private mutating func text(of count: Int, limit: Int) throws(FrameError) -> String {
        guard count <= limit else { throw FrameError(.malformed, "a text of \(count) bytes") }
        return try text(bytes: count)
    }

    /// All that is left, as UTF-8.
    package mutating func textToEnd() throws(FrameError) -> String {
        try text(bytes: rest.count)
    }

    /// UTF-8 whose length is known.
    package mutating func text(bytes count: Int) throws(FrameError) -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw FrameError(.malformed, "a text that is not UTF-8")
        }
        return text
    }

    /// A u32 count of things that take at least `size` bytes each.
    package mutating func count(ofAtLeast size: Int, max: Int) throws(FrameError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= max, count * size <= rest.count else {
            throw FrameError(.malformed, "a count of \(count)")
        }
        return count
    }

    /// Skips what is left.
    package mutating func skip() { rest = [] }

    package func end() throws(FrameError) {
        guard isAtEnd else {
            throw FrameError(.malformed, "\(rest.count) bytes behind the last field")
        }
    }
}
