/// What one line of an IRC log says.
enum IRCLine: Equatable {
    /// `[HH:MM] <nick> text`.
    case message(minute: Int, nick: String, text: String)
    /// `[HH:MM]  * nick text`.
    case action
    /// `=== text`; the channel, where the line names one that was joined or left.
    case server(channel: String?)
    case blank
    /// Anything else.
    case odd

    /// Reads a line without its end. Never fails.
    init(_ line: String) {
        let bytes = Array(line.utf8)
        if bytes.isEmpty {
            self = .blank
        } else if bytes.starts(with: Array("===".utf8)) {
            self = .server(channel: Self.channel(line))
        } else if bytes.starts(with: Array("* ".utf8)) {
            self = .action
        } else {
            self = Self.timed(bytes)
        }
    }

    private static func timed(_ bytes: [UInt8]) -> IRCLine {
        guard bytes.count >= 8, bytes[0] == UInt8(ascii: "["), bytes[3] == UInt8(ascii: ":"),
            bytes[6] == UInt8(ascii: "]"), bytes[7] == UInt8(ascii: " "),
            let hour = number(bytes[1...2]), hour < 24,
            let minute = number(bytes[4...5]), minute < 60
        else { return .odd }
        let rest = bytes[8...].drop { $0 == UInt8(ascii: " ") }
        if rest.first == UInt8(ascii: "*") {
            return rest.dropFirst().first == UInt8(ascii: " ") ? .action : .odd
        }
        guard rest.startIndex == 8, rest.first == UInt8(ascii: "<"),
            let end = rest.firstIndex(of: UInt8(ascii: ">"))
        else { return .odd }
        let nick = rest[9..<end].filter { $0 != UInt8(ascii: " ") }
        guard !nick.isEmpty else { return .odd }
        let text = rest[(end + 1)...]
        return .message(
            minute: hour * 60 + minute, nick: String(decoding: nick, as: UTF8.self),
            text: String(
                decoding: text.first == UInt8(ascii: " ") ? text.dropFirst() : text,
                as: UTF8.self))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }

    /// `#name` after "joined" or "left".
    private static func channel(_ line: String) -> String? {
        let words = line.split(separator: " ")
        guard let verb = words.firstIndex(where: { $0 == "joined" || $0 == "left" }),
            verb + 1 < words.count, words[verb + 1].hasPrefix("#")
        else { return nil }
        let name = String(words[verb + 1])
        return AccountName.lookupKey(name) == nil ? nil : name
    }
}
