/// A strict pull parser for RFC 8259 over bytes it does not own.
///
/// Bounds: the length of the input, the depth of nesting, the length of each string. A key that
/// comes twice in one object is an error at any depth. Integers are exact; a number with a
/// fraction or an exponent, or beyond 64 bits, is reported as `.number` without its value.
/// The bytes must outlive the reader; it is meant to live inside one `withUnsafeReadableBytes`.
package struct JSONReader {
    package enum Token: Equatable, Sendable {
        case beginObject, endObject, beginArray, endArray
        case key(String)
        case string(String)
        case integer(Int64)
        /// A well-formed number that is no 64-bit integer.
        case number
        case bool(Bool)
        case null
        /// The whole text was one value, and it is over.
        case end
    }

    /// What may come next.
    private enum Expectation {
        case value, valueOrEndArray, keyOrEndObject, commaOrEnd, end
    }

    let bytes: UnsafeRawBufferPointer
    let maxDepth: Int
    let maxStringBytes: Int
    var offset = 0
    private var expectation = Expectation.value
    /// One element per open container: the keys of an object so far, or nil for an array.
    private var open: [JSONKeySet?] = []

    /// Checks that all of `bytes` is UTF-8.
    /// - Throws: `.invalidUTF8`, before anything else is looked at.
    package init(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int = 16, maxStringBytes: Int = 1 << 16
    ) throws(JSONError) {
        if let bad = UTF8Check.firstInvalid(in: bytes) { throw JSONError(.invalidUTF8, at: bad) }
        self.bytes = bytes
        self.maxDepth = maxDepth
        self.maxStringBytes = maxStringBytes
    }

    /// The next token. After `.end`, again `.end`.
    package mutating func next() throws(JSONError) -> Token {
        skipWhitespace()
        switch expectation {
        case .end:
            if offset < bytes.count { throw JSONError(.trailingBytes, at: offset) }
            return .end
        case .value:
            return try value()
        case .valueOrEndArray:
            if take(UInt8(ascii: "]")) { return close(.endArray) }
            return try value()
        case .keyOrEndObject:
            if take(UInt8(ascii: "}")) { return close(.endObject) }
            return try key()
        case .commaOrEnd:
            return try commaOrEnd()
        }
    }

    /// Reads on until the value whose first token was `first` is over.
    package mutating func skip(_ first: Token) throws(JSONError) {
        guard first == .beginObject || first == .beginArray else { return }
        let depth = open.count
        while open.count >= depth { _ = try next() }
    }

    private mutating func commaOrEnd() throws(JSONError) -> Token {
        let inObject = (open.last ?? nil) != nil
        if take(UInt8(ascii: ",")) {
            skipWhitespace()
            return inObject ? try key() : try value()
        }
        if take(UInt8(ascii: inObject ? "}" : "]")) {
            return close(inObject ? .endObject : .endArray)
        }
        throw unexpected()
    }

    private mutating func key() throws(JSONError) -> Token {
        let start = offset
        let text = try stringToken()
        let isNew = open[open.count - 1]?.insert(text) ?? true
        if !isNew { throw JSONError(.duplicateKey, at: start) }
        skipWhitespace()
        if !take(UInt8(ascii: ":")) { throw unexpected() }
        expectation = .value
        return .key(text)
    }

    private mutating func value() throws(JSONError) -> Token {
        guard offset < bytes.count else { throw JSONError(.unexpectedEnd, at: offset) }
        switch bytes[offset] {
        case UInt8(ascii: "{"):
            try push(JSONKeySet())
            expectation = .keyOrEndObject
            return .beginObject
        case UInt8(ascii: "["):
            try push(nil)
            expectation = .valueOrEndArray
            return .beginArray
        case UInt8(ascii: "\""):
            let text = try stringToken()
            valueEnded()
            return .string(text)
        case UInt8(ascii: "t"):
            return try literal("true", .bool(true))
        case UInt8(ascii: "f"):
            return try literal("false", .bool(false))
        case UInt8(ascii: "n"):
            return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let token = try numberToken()
            valueEnded()
            return token
        default:
            throw unexpected()
        }
    }

    private mutating func push(_ keys: JSONKeySet?) throws(JSONError) {
        if open.count >= maxDepth { throw JSONError(.tooDeep, at: offset) }
        open.append(keys)
        offset += 1
    }

    private mutating func close(_ token: Token) -> Token {
        open.removeLast()
        valueEnded()
        return token
    }

    private mutating func valueEnded() {
        expectation = open.isEmpty ? .end : .commaOrEnd
    }

    private mutating func literal(_ text: StaticString, _ token: Token) throws(JSONError) -> Token {
        for index in 0..<text.utf8CodeUnitCount {
            if !take(text.utf8Start[index]) { throw unexpected() }
        }
        valueEnded()
        return token
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    func unexpected() -> JSONError {
        JSONError(offset < bytes.count ? .unexpectedByte : .unexpectedEnd, at: offset)
    }
}
