/// Builds a frame's body: little-endian numbers, byte strings behind their length.
struct WireEncoder {
    var bytes: [UInt8] = []

    mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ flag: Bool) { put(UInt8(flag ? 1 : 0)) }

    /// A u32 length and the bytes.
    mutating func put(_ string: [UInt8]) {
        put(UInt32(string.count))
        bytes += string
    }

    /// A u16 length and as much UTF-8, at most `limit` bytes of it.
    mutating func put(_ text: String, limit: Int) {
        var cut = Array(text.utf8.prefix(limit))
        while String(validating: cut, as: UTF8.self) == nil { cut.removeLast() }
        put(UInt16(cut.count))
        bytes += cut
    }
}

/// Takes a frame's body apart. No length is believed before the bytes are there.
struct WireDecoder {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var remaining: Int { rest.count }

    mutating func take(_ count: Int) throws(FrameError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else {
            throw FrameError(.malformed, "the body ends too early")
        }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type
    ) throws(FrameError) -> Number {
        let bytes = try take(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    mutating func flag() throws(FrameError) -> Bool {
        switch try number(UInt8.self) {
        case 0: return false
        case 1: return true
        default: throw FrameError(.malformed, "a flag that is neither 0 nor 1")
        }
    }

    mutating func string() throws(FrameError) -> ArraySlice<UInt8> {
        try take(Int(try number(UInt32.self)))
    }

    mutating func text(limit: Int) throws(FrameError) -> String {
        let count = Int(try number(UInt16.self))
        guard count <= limit else { throw FrameError(.malformed, "a text of \(count) bytes") }
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw FrameError(.malformed, "a text that is not UTF-8")
        }
        return text
    }

    /// A count of things that take at least `size` bytes each.
    mutating func count(ofAtLeast size: Int, max: Int) throws(FrameError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= max, count * size <= rest.count else {
            throw FrameError(.malformed, "a count of \(count)")
        }
        return count
    }

    func end() throws(FrameError) {
        guard rest.isEmpty else {
            throw FrameError(.malformed, "\(rest.count) bytes behind the body's end")
        }
    }
}
