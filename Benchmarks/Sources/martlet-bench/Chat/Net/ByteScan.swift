import CBench
import Glibc

/// Looking into received bytes without making strings of them.
extension UnsafeRawBufferPointer {
    /// Whether `text` stands at `offset`.
    func has(_ text: StaticString, at offset: Int) -> Bool {
        guard let base = baseAddress, offset >= 0, offset + text.utf8CodeUnitCount <= count else {
            return false
        }
        return memcmp(base + offset, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// The offset behind the first `text` at or after `start`.
    func end(of text: StaticString, from start: Int = 0) -> Int? {
        guard let base = baseAddress, start <= count else { return nil }
        let found = bench_find(base + start, count - start, text.utf8Start, text.utf8CodeUnitCount)
        return found.map { $0 - base + text.utf8CodeUnitCount }
    }

    /// The decimal number at `offset`, 0 if there is none.
    func number(at offset: Int) -> UInt64 {
        var value: UInt64 = 0
        var index = offset
        while index < count, case let digit = self[index] &- 0x30, digit < 10 {
            value = value &* 10 &+ UInt64(digit)
            index += 1
        }
        return value
    }

    /// The number of 16 hex digits at `offset`.
    func hex(at offset: Int) -> UInt64? {
        guard offset + 16 <= count else { return nil }
        var value: UInt64 = 0
        for index in offset..<offset + 16 {
            switch self[index] {
            case let byte where byte &- 0x30 < 10: value = value << 4 | UInt64(byte - 0x30)
            case let byte where byte &- 0x61 < 6: value = value << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        return value
    }

    /// The text from `offset` to the next `stop`.
    func text(from offset: Int, to stop: UInt8) -> String {
        guard offset <= count else { return "" }
        return String(decoding: self[offset...].prefix { $0 != stop }, as: UTF8.self)
    }
}
