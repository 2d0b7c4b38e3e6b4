/// How the rows of a table are made up, where that is known: docs/formats/chat-rows.md.
struct RowLayout {
    private enum Part {
        case shard
        case id(String)
        case number(String)
        case hex(String, Int)
        case text(String)

        /// Bytes that the part takes; `nil` for all that are left.
        var size: Int? {
            switch self {
            case .shard: 2
            case .id, .number: 8
            case .hex(_, let count): count
            case .text: nil
            }
        }

        var name: String {
            switch self {
            case .shard: "shard"
            case .id(let name), .number(let name), .hex(let name, _), .text(let name): name
            }
        }
    }

    private let parts: [Part]

    /// The layout of rows nobody knows anything of.
    static let unknown = RowLayout(parts: [])

    /// The layout of the chat's table of this name.
    static func chat(_ table: String) -> RowLayout {
        switch table {
        case "users": RowLayout(parts: [.shard, .id("user")])
        case "names": RowLayout(parts: [.text("name")])
        case "tokens": RowLayout(parts: [.hex("token-hash", 32)])
        case "conversations": RowLayout(parts: [.shard, .id("user"), .id("conversation")])
        case "messages":
            RowLayout(parts: [.shard, .id("user"), .id("conversation"), .number("number")])
        case "inbox": RowLayout(parts: [.shard, .id("user"), .number("seq")])
        case "sends": RowLayout(parts: [.shard, .id("user"), .text("send")])
        default: unknown
        }
    }

    /// The parts of a row by name; `nil` where the row is not of this layout.
    func decode(_ row: some Collection<UInt8>) -> [(String, JSON)]? {
        var rest = Array(row)[...]
        var decoded: [(String, JSON)] = []
        for part in parts {
            let count = part.size ?? rest.count
            guard rest.count >= count, count > 0 else { return nil }
            let bytes = rest.prefix(count)
            rest = rest.dropFirst(count)
            let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            switch part {
            case .shard, .number: decoded.append((part.name, .number(number)))
            case .id: decoded.append((part.name, .string(Format.hex(number))))
            case .hex:
                let digits = bytes.map { Format.hex(UInt64($0), digits: 2) }.joined()
                decoded.append((part.name, .string(digits)))
            case .text: decoded.append((part.name, .string(Format.escaped(bytes))))
            }
        }
        return rest.isEmpty && !decoded.isEmpty ? decoded : nil
    }

    /// A row as a line of text shows it.
    func text(_ row: some Collection<UInt8>) -> String {
        guard let parts = decode(row) else { return Format.escaped(row) }
        return parts.map { name, value in
            if case .string(let text) = value { return "\(name)=\(text)" }
            return "\(name)=\(value)"
        }.joined(separator: " ")
    }

    /// A row as JSON shows it: escaped bytes, and the parts where they are known.
    func members(_ row: some Collection<UInt8>, prefix: String = "") -> [(String, JSON)] {
        var members: [(String, JSON)] = [(prefix + "row", .string(Format.escaped(row)))]
        if let parts = decode(row) { members.append((prefix + "parts", .object(parts))) }
        return members
    }

    /// The row, or start of rows, that a person has written: `name=value …` as `text` shows it (the
    /// shard may be left out), or escaped bytes. `nil` where it is neither.
    func parse(_ text: String) -> [UInt8]? {
        var words: [Substring: Substring] = [:]
        for word in text.split(separator: " ") {
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, parts.contains(where: { $0.name == halves[0] }) else {
                return Format.unescaped(text)
            }
            words[halves[0]] = halves[1]
        }
        var row: [UInt8] = []
        for part in parts {
            if case .shard = part {
                guard let user = words["user"].flatMap({ UInt64($0, radix: 16) }) else {
                    return words["shard"].flatMap { UInt16($0) }.map(RowLayout.bytes)
                }
                row += RowLayout.bytes(UInt16(RowLayout.mix(user) % 1_000))
                words["shard"] = nil
                continue
            }
            guard let word = words.removeValue(forKey: Substring(part.name)) else { break }
            switch part {
            case .shard: break
            case .id:
                guard let value = UInt64(word, radix: 16) else { return nil }
                row += RowLayout.bytes(value)
            case .number:
                guard let value = UInt64(word) else { return nil }
                row += RowLayout.bytes(value)
            case .hex:
                guard let bytes = Format.unescaped(RowLayout.escapes(word)) else { return nil }
                row += bytes
            case .text:
                guard let bytes = Format.unescaped(String(word)) else { return nil }
                row += bytes
            }
        }
        return words.isEmpty ? row : nil
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    private static func escapes(_ digits: Substring) -> String {
        stride(from: 0, to: digits.count, by: 2).map { start in
            "\\x" + digits.dropFirst(start).prefix(2)
        }.joined()
    }

    /// What a user's shard is taken from.
    private static func mix(_ user: UInt64) -> UInt64 {
        var value = user
        value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ value >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return value ^ value >> 33
    }
}
