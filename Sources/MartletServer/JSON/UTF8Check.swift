/// Whether bytes are well-formed UTF-8 (no overlong forms, no surrogates, nothing over U+10FFFF).
package enum UTF8Check {
    /// The offset of the first byte that is not part of a well-formed sequence, or nil if all are.
    package static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        let count = bytes.count
        while index < count {
            if index + 8 <= count,
                bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080
                    == 0
            {
                index += 8
                continue
            }
            let length = sequenceLength(bytes, at: index)
            if length == 0 { return index }
            index += length
        }
        return nil
    }

    /// Length of the well-formed sequence at `index`, 0 if there is none.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let lead = bytes[index]
        let left = bytes.count - index
        switch lead {
        case 0..<0x80:
            return 1
        case 0xC2...0xDF:
            return left >= 2 && isTail(bytes[index + 1]) ? 2 : 0
        case 0xE0...0xEF:
            guard left >= 3, isTail(bytes[index + 1]), isTail(bytes[index + 2]) else { return 0 }
            if lead == 0xE0 && bytes[index + 1] < 0xA0 { return 0 }
            if lead == 0xED && bytes[index + 1] > 0x9F { return 0 }
            return 3
        case 0xF0...0xF4:
            guard left >= 4, isTail(bytes[index + 1]), isTail(bytes[index + 2]),
                isTail(bytes[index + 3])
            else { return 0 }
            if lead == 0xF0 && bytes[index + 1] < 0x90 { return 0 }
            if lead == 0xF4 && bytes[index + 1] > 0x8F { return 0 }
            return 4
        default:
            return 0
        }
    }

    private static func isTail(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
