package import NIOCore

/// Writes JSON. The caller keeps objects and arrays balanced; commas come by themselves.
///
/// It writes into plain memory of its own and makes a `ByteBuffer` at the end: a frame is a dozen
/// small pieces, and a buffer would check its capacity and its uniqueness at each.
package struct JSONWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    private var count = 0
    private var needsComma = false

    /// - Parameter reserving: bytes left untouched in front, for a frame's header.
    package init(reserving: Int = 0, capacity: Int = 512) {
        self.capacity = max(64, reserving + capacity)
        base = .allocate(capacity: self.capacity)
        base.initialize(repeating: 0, count: reserving)
        count = reserving
    }

    deinit { base.deallocate() }

    /// Begins anew in the same memory, with bytes left untouched in front.
    mutating func begin(reserving: Int) {
        count = 0
        needsComma = false
        reserve(reserving)
        base.initialize(repeating: 0, count: reserving)
        count = reserving
    }

    /// What was written, the reserved bytes in front. The writer is empty afterwards.
    package mutating func finish() -> ByteBuffer {
        defer { count = 0 }
        return ByteBuffer(bytes: UnsafeBufferPointer(start: base, count: count))
    }

    package mutating func beginObject() { opened(UInt8(ascii: "{")) }
    package mutating func endObject() { closed(UInt8(ascii: "}")) }
    package mutating func beginArray() { opened(UInt8(ascii: "[")) }
    package mutating func endArray() { closed(UInt8(ascii: "]")) }

    /// `name` must need no escapes.
    package mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        reserve(length + 4)
        separate()
        put(UInt8(ascii: "\""))
        put(name.utf8Start, length)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let isPlain = bytes.allSatisfy(Self.isPlain)
            reserve((isPlain ? 1 : 6) * bytes.count + 3)
            separate()
            put(UInt8(ascii: "\""))
            if isPlain, let source = bytes.baseAddress {
                put(source, bytes.count)
            } else {
                escaped(bytes)
            }
            put(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    package mutating func integer(_ value: UInt64) {
        reserve(21)
        separate()
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = value
        for index in stride(from: digits - 1, through: 0, by: -1) {
            base[count + index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
        needsComma = true
    }

    package mutating func bool(_ value: Bool) {
        reserve(6)
        separate()
        let text: StaticString = value ? "true" : "false"
        put(text.utf8Start, text.utf8CodeUnitCount)
        needsComma = true
    }

    /// An id as a string of 16 lower hex digits.
    package mutating func hex(_ value: UInt64) {
        reserve(19)
        separate()
        put(UInt8(ascii: "\""))
        for shift in stride(from: UInt64(60), through: 0, by: -4) {
            put(Self.hexDigit(UInt8(truncatingIfNeeded: value >> shift) & 15))
        }
        put(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func opened(_ byte: UInt8) {
        reserve(2)
        separate()
        put(byte)
        needsComma = false
    }

    private mutating func closed(_ byte: UInt8) {
        reserve(1)
        put(byte)
        needsComma = true
    }

    /// What follows was reserved.
    @inline(__always)
    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        var start = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if Self.isPlain(byte) { continue }
            put(source + start, index - start)
            start = index + 1
            put(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
            case 0x0A: put(UInt8(ascii: "n"))
            case 0x0D: put(UInt8(ascii: "r"))
            case 0x09: put(UInt8(ascii: "t"))
            default:
                put(UInt8(ascii: "u"))
                put(UInt8(ascii: "0"))
                put(UInt8(ascii: "0"))
                put(Self.hexDigit(byte >> 4))
                put(Self.hexDigit(byte & 15))
            }
        }
        put(source + start, bytes.count - start)
    }

    @inline(__always)
    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    // MARK: Memory

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.initialize(from: base, count: count)
        base.deallocate()
        base = larger
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    @inline(__always)
    private mutating func put(_ source: UnsafePointer<UInt8>, _ length: Int) {
        (base + count).initialize(from: source, count: length)
        count += length
    }
}
