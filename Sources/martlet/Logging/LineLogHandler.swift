import Glibc
import Logging

/// Writes one line for each event to standard error: `key=value` pairs or a JSON object.
///
/// A line is one `write`, so lines of several threads do not mix. What is named like a secret is
/// not written.
struct LineLogHandler: LogHandler {
    enum Format: String, Sendable { case text, json }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let format: Format
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a line with its newline.
    init(
        label: String, level: Logger.Level, format: Format,
        write: @escaping @Sendable (String) -> Void = LineLogHandler.toStandardError
    ) {
        self.label = label
        logLevel = level
        self.format = format
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [(String, String)] = [
            ("time", Timestamp.text(of: Timestamp.now())), ("level", event.level.rawValue),
            ("logger", label), ("message", event.message.description),
        ]
        if let error = event.error { fields.append(("error", "\(error)")) }
        let own = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in own.sorted(by: { $0.key < $1.key }) {
            fields.append((key, Self.isSecret(key) ? "[hidden]" : value.description))
        }
        write((format == .json ? Self.json(fields) : Self.text(fields)) + "\n")
    }

    static let toStandardError: @Sendable (String) -> Void = { line in
        _ = Array(line.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// A net under the rule that nobody logs secrets.
    static func isSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        return ["token", "password", "secret", "authorization", "cookie"].contains {
            key.contains($0)
        }
    }

    /// Values stand in quotes where they are not plain words.
    static func text(_ fields: [(String, String)]) -> String {
        fields.map { key, value in
            let isPlain =
                !value.isEmpty
                && value.unicodeScalars.allSatisfy {
                    $0.value > 0x20 && $0.value != 0x7f && $0 != "\"" && $0 != "=" && $0 != "\\"
                }
            return "\(key)=\(isPlain ? value : JSONText.quoted(value))"
        }.joined(separator: " ")
    }

    static func json(_ fields: [(String, String)]) -> String {
        let pairs = fields.map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }
        return "{\(pairs.joined(separator: ","))}"
    }
}

/// RFC 8259 strings.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
