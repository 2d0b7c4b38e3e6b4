import MartletServer

/// A JSON value as a tree, to print parts of an answer.
enum JSONValue: Equatable {
    case object([(String, JSONValue)])
    case array([JSONValue])
    case text(String)
    case integer(Int64)
    case bool(Bool)
    case other

    /// Throws `JSONError` for what is no JSON.
    init(_ bytes: [UInt8]) throws {
        let result = bytes.withUnsafeBytes { bytes -> Result<JSONValue, JSONError> in
            do throws(JSONError) {
                var reader = try JSONReader(bytes, maxStringBytes: 1 << 20)
                let value = try JSONValue(try reader.next(), &reader)
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    private init(_ first: JSONReader.Token, _ reader: inout JSONReader) throws(JSONError) {
        switch first {
        case .beginObject:
            var members: [(String, JSONValue)] = []
            while case .key(let name) = try reader.next() {
                members.append((name, try JSONValue(try reader.next(), &reader)))
            }
            self = .object(members)
        case .beginArray:
            var values: [JSONValue] = []
            while true {
                let token = try reader.next()
                if token == .endArray { break }
                values.append(try JSONValue(token, &reader))
            }
            self = .array(values)
        case .string(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .bool(let value): self = .bool(value)
        default: self = .other
        }
    }

    static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
        case (.array(let a), .array(let b)): a == b
        case (.text(let a), .text(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.other, .other): true
        default: false
        }
    }

    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    var text: String? {
        if case .text(let text) = self { return text }
        return nil
    }

    var integer: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }

    var elements: [JSONValue] {
        if case .array(let values) = self { return values }
        return []
    }

    var isTrue: Bool { self == .bool(true) }
}
