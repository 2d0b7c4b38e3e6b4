/// Reads one JSON text. It trusts the writer with everything but the grammar.
struct JSONTextReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value, and nothing behind it.
    mutating func whole() throws -> JSON {
        let found = try value()
        skipSpace()
        if place < bytes.count { throw unexpected() }
        return found
    }

    private var next: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private func unexpected() -> HarnessError {
        HarnessError("no JSON at \(place): \(String(decoding: bytes, as: UTF8.self))")
    }

    private mutating func skipSpace() {
        while [0x20, 0x09, 0x0a, 0x0d].contains(next) { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) throws {
        guard next == UInt8(ascii: character) else { throw unexpected() }
        place += 1
    }

    private mutating func value() throws -> JSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .integer(try integer())
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws -> JSON {
        guard bytes[place...].starts(with: word.utf8) else { throw unexpected() }
        place += word.utf8.count
        return value
    }

    private mutating func integer() throws -> Int {
        let start = place
        while next == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
            place += 1
        }
        let digits = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let value = Int(digits) else { throw unexpected() }
        return value
    }

    private mutating func object() throws -> JSON {
        try take("{")
        var members: [String: JSON] = [:]
        skipSpace()
        while next != UInt8(ascii: "}") {
            if !members.isEmpty { try take(",") }
            skipSpace()
            let key = try string()
            skipSpace()
            try take(":")
            members[key] = try value()
            skipSpace()
        }
        place += 1
        return .object(members)
    }

    private mutating func array() throws -> JSON {
        try take("[")
        var elements: [JSON] = []
        skipSpace()
        while next != UInt8(ascii: "]") {
            if !elements.isEmpty { try take(",") }
            elements.append(try value())
            skipSpace()
        }
        place += 1
        return .array(elements)
    }

    private mutating func string() throws -> String {
        try take("\"")
        var text: [UInt8] = []
        while next != UInt8(ascii: "\"") {
            guard place < bytes.count else { throw unexpected() }
            if next == UInt8(ascii: "\\") {
                place += 1
                text += try escaped()
            } else {
                text.append(next)
                place += 1
            }
        }
        place += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func escaped() throws -> [UInt8] {
        let letter = next
        place += 1
        switch letter {
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "u"): return Array(String(try unicode()).utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        default: throw unexpected()
        }
    }

    private mutating func unicode() throws -> Unicode.Scalar {
        var unit = try hexDigits()
        if (0xd800..<0xdc00).contains(unit) {
            try take("\\")
            try take("u")
            unit = 0x10000 + (unit - 0xd800) << 10 + (try hexDigits()) - 0xdc00
        }
        guard let scalar = Unicode.Scalar(unit) else { throw unexpected() }
        return scalar
    }

    private mutating func hexDigits() throws -> UInt32 {
        let digits = bytes[place...].prefix(4)
        guard let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw unexpected()
        }
        place += 4
        return value
    }
}
