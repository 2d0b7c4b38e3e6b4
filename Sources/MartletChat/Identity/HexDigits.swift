/// 64-bit ids as 16 lower-case hex digits, the one printed form.
enum HexDigits {
    static func print(_ value: UInt64) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(16)
        for shift in stride(from: 60, through: 0, by: -4) {
            let nibble = UInt8((value >> UInt64(shift)) & 15)
            digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    static func print(bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                digits.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    static func parse(_ text: String) -> UInt64? {
        var value: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
            default: return nil
            }
            count += 1
            if count > 16 { return nil }
        }
        return count == 16 ? value : nil
    }
}
