/// Strings and numbers.
extension JSONReader {
    /// Reads a string, from its opening to its closing quote.
    mutating func stringToken() throws(JSONError) -> String {
        let opening = offset
        if !take(UInt8(ascii: "\"")) { throw unexpected() }
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                try checkLength(offset - start, opening)
                let text = String(decoding: bytes[start..<offset], as: UTF8.self)
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                return try escapedString(from: start, opening: opening)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: offset)
            default:
                offset += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: offset)
    }

    private func checkLength(_ length: Int, _ opening: Int) throws(JSONError) {
        if length > maxStringBytes { throw JSONError(.stringTooLong, at: opening) }
    }

    /// The rest of a string whose first escape is at `offset`.
    private mutating func escapedString(from start: Int, opening: Int) throws(JSONError) -> String {
        var decoded = [UInt8](bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                try checkLength(decoded.count, opening)
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                offset += 1
                try appendEscape(to: &decoded)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: offset)
            default:
                decoded.append(byte)
                offset += 1
            }
        }
        throw JSONError(.unexpectedEnd, at: offset)
    }

    private mutating func appendEscape(to decoded: inout [UInt8]) throws(JSONError) {
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            decoded.append(contentsOf: UTF8.encode(try unicodeEscape()) ?? .init())
        default: throw JSONError(.badEscape, at: offset - 1)
        }
    }

    /// A scalar from `XXXX` or `XXXX\uXXXX`; the first `\u` is already read.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        let high = try fourHexDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw JSONError(.loneSurrogate, at: start)
        }
        let low = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
            guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue,
                bytes[offset] < 0x80
            else { throw JSONError(.badEscape, at: offset) }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    /// Reads a number by the grammar of RFC 8259.
    mutating func numberToken() throws(JSONError) -> Token {
        let negative = take(UInt8(ascii: "-"))
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        var value: Int64? = 0
        if !take(UInt8(ascii: "0")) {
            let digits = takeDigits { digit in
                let (ten, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, over) = ten.addingReportingOverflow(negative ? -digit : digit)
                value = value == nil || overflow || over ? nil : sum
            }
            if digits == 0 { throw JSONError(.badNumber, at: offset) }
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            if takeDigits({ _ in }) == 0 { throw JSONError(.badNumber, at: offset) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if takeDigits({ _ in }) == 0 { throw JSONError(.badNumber, at: offset) }
        }
        if offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] {
            throw JSONError(.badNumber, at: offset)
        }
        guard isInteger, let value else { return .number }
        return .integer(value)
    }

    private mutating func takeDigits(_ body: (Int64) -> Void) -> Int {
        let start = offset
        while offset < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[offset] {
            body(Int64(bytes[offset] - UInt8(ascii: "0")))
            offset += 1
        }
        return offset - start
    }
}
