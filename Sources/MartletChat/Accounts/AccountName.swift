/// The rules for names: what IRC allows in nicks fits, and case does not distinguish.
enum AccountName {
    /// The key of the name, lower-case ASCII; `nil` if it may not be a name.
    static func key(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        guard (1...ChatLimits.nameLength).contains(bytes.count),
            bytes.allSatisfy(isAllowed)
        else { return nil }
        return lowered(bytes)
    }

    /// As `key`, for a name to look up: users that stand for imported channels are found as well.
    static func lookupKey(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        guard (1...ChatLimits.nameLength).contains(bytes.count) else { return nil }
        let rest = bytes.first == UInt8(ascii: "#") ? bytes.dropFirst() : bytes[...]
        return !rest.isEmpty && rest.allSatisfy(isAllowed) ? lowered(bytes) : nil
    }

    private static func lowered(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        // - _ . [ ] { } | ^ ` and the backslash, as RFC 2812 has them for nicks.
        case 0x2d, 0x5f, 0x2e, 0x5b, 0x5d, 0x7b, 0x7d, 0x7c, 0x5e, 0x60, 0x5c: true
        default: false
        }
    }
}
