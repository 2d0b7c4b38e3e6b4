/// Writes JSON objects, in the order in which the fields are given.
struct JSONText: Sendable, Hashable {
    private(set) var text: String

    static func string(_ value: String) -> JSONText { JSONText(text: quoted(value)) }
    static func number(_ value: some BinaryInteger) -> JSONText { JSONText(text: "\(value)") }

    /// Bytes that are JSON already.
    static func raw(_ bytes: [UInt8]) -> JSONText {
        JSONText(text: String(decoding: bytes, as: UTF8.self))
    }

    /// An object of those fields that have a value.
    static func object(_ fields: KeyValuePairs<String, JSONText?>) -> JSONText {
        let members = fields.compactMap { name, value in
            value.map { "\(quoted(name)):\($0.text)" }
        }
        return JSONText(text: "{" + members.joined(separator: ",") + "}")
    }

    var bytes: [UInt8] { Array(text.utf8) }

    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case let control where control.value < 0x20 || control.value == 0x7f:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
