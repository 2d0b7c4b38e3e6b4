/// Builds the bytes of manifest fields: fixed little-endian numbers, byte strings behind a length.
struct FieldEncoder {
    var bytes: [UInt8] = []

    mutating func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A u32 length and the bytes.
    mutating func put(_ string: [UInt8]) {
        put(UInt32(truncatingIfNeeded: string.count))
        bytes.append(contentsOf: string)
    }

    mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// A tag, a u32 length and what `body` puts.
    mutating func field(_ tag: UInt8, _ body: (inout FieldEncoder) -> Void) {
        var inner = FieldEncoder()
        body(&inner)
        put(tag)
        put(inner.bytes)
    }
}

/// Takes manifest fields apart; every read checks that the bytes are there.
struct FieldDecoder {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        guard count <= rest.count else {
            throw StoreError(.corruption, "a manifest field ends too early")
        }
        let taken = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        rest = rest.dropFirst(count)
        return taken
    }

    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type
    ) throws(StoreError) -> Number {
        try take(MemoryLayout<Number>.size).number(at: 0, type)
    }

    mutating func string() throws(StoreError) -> UnsafeRawBufferPointer {
        try take(Int(try number(UInt32.self)))
    }

    mutating func text() throws(StoreError) -> String {
        guard let text = String(validating: try string(), as: UTF8.self) else {
            throw StoreError(.corruption, "a name in the manifest is not UTF-8")
        }
        return text
    }

    func end() throws(StoreError) {
        guard isAtEnd else { throw StoreError(.corruption, "a manifest field is too long") }
    }
}
