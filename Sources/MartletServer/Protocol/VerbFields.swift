import MartletChat

/// The fields of one verb's object: flat but for lists of strings.
struct VerbFields {
    enum Value {
        case string(String)
        case integer(Int64)
        case bool(Bool)
        case strings([String])
        /// Anything no field of the protocol can be.
        case other
    }
    private var values: [(name: String, value: Value)] = []

    /// Reads the members of an object whose brace is already read.
    init(members reader: inout JSONReader) throws(JSONError) {
        while case .key(let name) = try reader.next() {
            let token = try reader.next()
            let value: Value
            switch token {
            case .string(let text): value = .string(text)
            case .integer(let number): value = .integer(number)
            case .bool(let flag): value = .bool(flag)
            case .beginArray: value = try Self.list(&reader)
            default:
                try reader.skip(token)
                value = .other
            }
            values.append((name, value))
        }
    }

    /// A list whose bracket is already read; of anything but strings, `.other`.
    private static func list(_ reader: inout JSONReader) throws(JSONError) -> Value {
        var texts: [String] = []
        var isOther = false
        while true {
            let token = try reader.next()
            switch token {
            case .endArray: return isOther ? .other : .strings(texts)
            case .string(let text): texts.append(text)
            default:
                try reader.skip(token)
                isOther = true
            }
        }
    }

    /// Reads a text that is one object.
    init(parsing bytes: UnsafeRawBufferPointer) throws(FrameFault) {
        do throws(JSONError) {
            var reader = try JSONReader(bytes, maxDepth: ProtocolLimits.depth)
            guard try reader.next() == .beginObject else { throw JSONError(.unexpectedByte, at: 0) }
            try self.init(members: &reader)
            _ = try reader.next()
        } catch {
            throw FrameFault(error)
        }
    }

    private func value(_ name: String) -> Value? {
        values.first { $0.name == name }?.value
    }

    private func fault(_ message: String) -> FrameFault {
        FrameFault(kind: .badRequest, message: message, id: nil)
    }

    /// A string of `bytes` bytes of UTF-8, or nil if absent.
    func string(ifPresent name: String, bytes: ClosedRange<Int>) throws(FrameFault) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw fault("\(name): not a string") }
        guard bytes.contains(text.utf8.count) else { throw fault("\(name): wrong length") }
        return text
    }

    func string(_ name: String, bytes: ClosedRange<Int>) throws(FrameFault) -> String {
        guard let text = try string(ifPresent: name, bytes: bytes) else {
            throw fault("\(name): missing")
        }
        return text
    }

    /// The text of a message: too long is an error of its own.
    func messageText(_ name: String) throws(FrameFault) -> String {
        let text = try string(name, bytes: 1...ProtocolLimits.frameBytes)
        guard text.utf8.count <= ProtocolLimits.textBytes else {
            throw FrameFault(
                kind: .tooLarge, message: "text over \(ProtocolLimits.textBytes) bytes", id: nil)
        }
        return text
    }

    func integer(ifPresent name: String) throws(FrameFault) -> UInt64? {
        guard let value = value(name) else { return nil }
        guard case .integer(let number) = value else { throw fault("\(name): not an integer") }
        guard number >= 0, number < ProtocolLimits.exactInteger else {
            throw fault("\(name): out of range")
        }
        return UInt64(number)
    }

    func integer(_ name: String) throws(FrameFault) -> UInt64 {
        guard let number = try integer(ifPresent: name) else { throw fault("\(name): missing") }
        return number
    }

    func epoch(_ name: String) throws(FrameFault) -> UInt32 {
        guard let epoch = UInt32(exactly: try integer(name)) else {
            throw fault("\(name): out of range")
        }
        return epoch
    }

    /// 1 to the page size; more is cut to it.
    func limit(else standard: Int) throws(FrameFault) -> Int {
        guard let limit = try integer(ifPresent: "limit") else { return standard }
        if limit == 0 { throw fault("limit: out of range") }
        return Int(min(limit, UInt64(ProtocolLimits.page)))
    }

    func conversation(ifPresent name: String) throws(FrameFault) -> ConversationID? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value, text.utf8.count == 16 else {
            throw fault("\(name): not an id")
        }
        var id: UInt64 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                id = id << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                id = id << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default:
                throw fault("\(name): not an id")
            }
        }
        return ConversationID(rawValue: id)
    }

    func conversation(_ name: String) throws(FrameFault) -> ConversationID {
        guard let id = try conversation(ifPresent: name) else { throw fault("\(name): missing") }
        return id
    }

    func user(ifPresent name: String) throws(FrameFault) -> UserID? {
        try conversation(ifPresent: name).map { UserID(rawValue: $0.rawValue) }
    }

    func user(_ name: String) throws(FrameFault) -> UserID {
        guard let id = try user(ifPresent: name) else { throw fault("\(name): missing") }
        return id
    }

    func users(_ name: String, count: ClosedRange<Int>) throws(FrameFault) -> [UserID] {
        guard let value = value(name) else { throw fault("\(name): missing") }
        guard case .strings(let texts) = value else { throw fault("\(name): not a list of ids") }
        guard count.contains(texts.count) else { throw fault("\(name): wrong length") }
        var users: [UserID] = []
        for text in texts {
            guard let user = UserID(text) else { throw fault("\(name): not a list of ids") }
            users.append(user)
        }
        return users
    }

    func bool(ifPresent name: String) throws(FrameFault) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { throw fault("\(name): not true or false") }
        return flag
    }

    func integer(
        _ name: String, in range: ClosedRange<Int>, else standard: Int
    ) throws(FrameFault) -> Int {
        guard let number = try integer(ifPresent: name) else { return standard }
        guard let value = Int(exactly: number), range.contains(value) else {
            throw fault("\(name): out of range")
        }
        return value
    }

    func historyRange() throws(FrameFault) -> HistoryRange {
        switch (try integer(ifPresent: "before"), try integer(ifPresent: "after")) {
        case (nil, nil): return .newest
        case (let number?, nil): return .before(number)
        case (nil, let number?): return .after(number)
        default: throw fault("before and after together")
        }
    }
}

extension FrameFault {
    init(_ error: JSONError) {
        self.init(
            kind: error.reason == .invalidUTF8 ? .notUTF8 : .malformed,
            message: "\(error.reason.rawValue) at byte \(error.offset)", id: nil)
    }
}
