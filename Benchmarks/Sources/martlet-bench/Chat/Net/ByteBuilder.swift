import Glibc

/// Bytes being put together for one `send`. One per reactor, so that writing allocates nothing.
final class ByteBuilder {
    private var base = UnsafeMutableRawPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var capacity = 64 << 10
    private(set) var count = 0

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() { count = 0 }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(count + more, 2 * capacity)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    func append(byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    func append(big value: UInt16) {
        append(byte: UInt8(value >> 8))
        append(byte: UInt8(truncatingIfNeeded: value))
    }

    /// 16 lower-case hex digits.
    func append(hex value: UInt64) {
        reserve(16)
        for index in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
            let byte = digit < 10 ? 0x30 + digit : 0x57 + digit
            base.storeBytes(of: byte, toByteOffset: count + index, as: UInt8.self)
        }
        count += 16
    }

    /// In decimal digits.
    func append(number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(byte: 0x30 + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// A WebSocket's text frame from a client. The mask is four zero bytes, as good as any other
    /// for the server, and free for the generator.
    func textFrame(_ payload: () -> Void) {
        let start = count
        for byte: UInt8 in [0x81, 0xFE, 0, 0, 0, 0, 0, 0] { append(byte: byte) }
        payload()
        let length = count - start - 8
        if length < 126 {
            memmove(base + start + 6, base + start + 8, length)
            base.storeBytes(of: 0x80 | UInt8(length), toByteOffset: start + 1, as: UInt8.self)
            count -= 2
        } else {
            base.storeBytes(of: UInt8(length >> 8), toByteOffset: start + 2, as: UInt8.self)
            base.storeBytes(of: UInt8(length & 255), toByteOffset: start + 3, as: UInt8.self)
        }
    }
}
