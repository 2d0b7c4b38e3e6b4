/// Why bytes are not the JSON this server reads.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: String, Sendable {
        case invalidUTF8 = "not UTF-8"
        case unexpectedEnd = "unexpected end"
        case unexpectedByte = "unexpected byte"
        case badNumber = "not a JSON number"
        case badEscape = "not a JSON escape"
        case controlCharacter = "control character in a string"
        case loneSurrogate = "lone surrogate"
        case tooDeep = "too deep"
        case stringTooLong = "string too long"
        case duplicateKey = "duplicate key"
        case trailingBytes = "bytes after the value"
    }

    package var reason: Reason
    /// Bytes from the start of the text.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
