import MartletChat

/// Reads the one form of frame that is nearly all a server gets: a `send` with plain strings and
/// nothing around them, the members in any order. It makes the strings of the request and nothing
/// else.
///
/// Of anything else it says nil, also of what is wrong: the parser of all frames tells what. What
/// it does read, that parser reads alike (a test holds them together).
struct SendFrameReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// - Parameter bytes: well-formed UTF-8.
    static func read(_ bytes: UnsafeRawBufferPointer) -> ClientFrame? {
        var reader = SendFrameReader(bytes)
        return reader.frame()
    }

    private mutating func frame() -> ClientFrame? {
        guard take("{\"") else { return nil }
        var id: String?
        var request: ClientRequest?
        repeat {
            if take("id\":\"") {
                guard id == nil, let range = plain(1...ProtocolLimits.idBytes) else { return nil }
                id = text(range)
            } else if take("send\":{\"") {
                guard request == nil, let send = send() else { return nil }
                request = send
            } else {
                return nil
            }
        } while take(",\"")
        guard take("}"), offset == bytes.count, let request else { return nil }
        return ClientFrame(id: id, request: request)
    }

    private mutating func send() -> ClientRequest? {
        var conversation: ConversationID?
        var clientMessageID: Range<Int>?
        var text: Range<Int>?
        repeat {
            if take("conversation\":\"") {
                guard conversation == nil, let number = hex() else { return nil }
                conversation = ConversationID(rawValue: number)
            } else if take("clientMessageID\":\"") {
                guard clientMessageID == nil else { return nil }
                clientMessageID = plain(1...ProtocolLimits.clientMessageIDBytes)
                if clientMessageID == nil { return nil }
            } else if take("text\":\"") {
                guard text == nil else { return nil }
                text = plain(1...ProtocolLimits.textBytes)
                if text == nil { return nil }
            } else {
                return nil
            }
        } while take(",\"")
        guard take("}"), let conversation, let clientMessageID, let text else { return nil }
        return .send(
            conversation: conversation, clientMessageID: self.text(clientMessageID),
            text: self.text(text), replyTo: nil)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Steps over `word` if it comes next.
    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - offset >= count else { return false }
        for place in 0..<count where bytes[offset + place] != word.utf8Start[place] {
            return false
        }
        offset += count
        return true
    }

    /// The rest of a string of 16 lower-case hex digits.
    private mutating func hex() -> UInt64? {
        guard bytes.count - offset > 16, bytes[offset + 16] == UInt8(ascii: "\"") else {
            return nil
        }
        var value: UInt64 = 0
        for place in offset..<offset + 16 {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value << 4 | UInt64(bytes[place] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(bytes[place] - UInt8(ascii: "a") + 10)
            default:
                return nil
            }
        }
        offset += 17
        return value
    }

    /// The rest of a string without escapes, of so many bytes; nil for any other.
    private mutating func plain(_ length: ClosedRange<Int>) -> Range<Int>? {
        let start = offset
        var end = start
        while end + 8 <= bytes.count,
            Self.isPlain(bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
        {
            end += 8
        }
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            if bytes[end] < 0x20 || bytes[end] == UInt8(ascii: "\\") { return nil }
            end += 1
        }
        guard end < bytes.count, length.contains(end - start) else { return nil }
        offset = end + 1
        return start..<end
    }

    /// Whether no byte of eight is a quote, a backslash or a control character. May say no of
    /// others, but never yes of one of these.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs = ones &* 0x80
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            | ((word &- ones &* 0x20) & ~word)
        return found & highs == 0
    }
}
