/// A JSON value that tests can write as a literal and look into. Numbers are integers, as in the
/// protocol; `null` stands for a member that is not there.
package enum JSON: Equatable, Sendable {
    case object([String: JSON])
    case array([JSON])
    case string(String)
    case integer(Int)
    case bool(Bool)
    case null

    package static func parse(_ text: String) throws -> JSON {
        var reader = JSONTextReader(Array(text.utf8))
        return try reader.whole()
    }

    /// The shortest text of the value.
    package func text() -> String {
        switch self {
        case .object(let members):
            let inside = members.map { Self.quoted($0.key) + ":" + $0.value.text() }
            return "{" + inside.joined(separator: ",") + "}"
        case .array(let elements):
            return "[" + elements.map { $0.text() }.joined(separator: ",") + "]"
        case .string(let value): return Self.quoted(value)
        case .integer(let value): return String(value)
        case .bool(let value): return String(value)
        case .null: return "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    package subscript(key: String) -> JSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    package var elements: [JSON] { if case .array(let value) = self { value } else { [] } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
