/// What a configuration key holds, and what may be written for it.
enum ConfigKind: Sendable, Equatable {
    case bool
    case integer(ClosedRange<Int>)
    /// A number of bytes, with an optional unit: `512MiB`.
    case bytes(ClosedRange<Int>)
    /// A time with its unit: `8s`. Bounds in seconds; `isOptional` allows `unlimited`.
    case duration(ClosedRange<Int>, isOptional: Bool = false)
    /// Text without line breaks. Empty means unset.
    case text
    /// A file or directory. Empty means unset.
    case path
    case choice([String])
    /// Any number of texts; in one line they are separated by commas.
    case list

    /// The kind's name and bounds, as the documentation has them.
    var summary: String {
        switch self {
        case .bool: "true or false"
        case .integer(let bounds): "number, \(bounds.lowerBound) to \(bounds.upperBound)"
        case .bytes(let bounds):
            "bytes, \(Self.bytesText(bounds.lowerBound)) to \(Self.bytesText(bounds.upperBound))"
        case .duration(let bounds, let isOptional):
            "time, \(Self.durationText(bounds.lowerBound * 1000)) to "
                + Self.durationText(bounds.upperBound * 1000)
                + (isOptional ? ", or unlimited" : "")
        case .text: "text"
        case .path: "path"
        case .choice(let words): words.joined(separator: ", ")
        case .list: "list"
        }
    }

    /// The value that `text` stands for. Throws what is wrong with it, in words.
    func parse(_ text: String) throws(ConfigFault) -> ConfigValue {
        switch self {
        case .bool:
            guard text == "true" || text == "false" else { throw wrong(text) }
            return .bool(text == "true")
        case .integer(let bounds):
            guard let number = Int(text) else { throw wrong(text) }
            return .integer(try checked(number, bounds, text))
        case .bytes(let bounds):
            guard let number = Self.scaled(text, Self.byteUnits) else { throw wrong(text) }
            return .integer(try checked(number, bounds, text))
        case .duration(let bounds, let isOptional):
            if isOptional, text == "unlimited" { return .milliseconds(nil) }
            let milliseconds = text == "0" ? 0 : Self.scaled(text, Self.timeUnits)
            guard let milliseconds else { throw wrong(text) }
            let range = (bounds.lowerBound * 1000)...(bounds.upperBound * 1000)
            return .milliseconds(try checked(milliseconds, range, text))
        case .text, .path:
            guard text.utf8.allSatisfy({ $0 >= 0x20 }) else { throw wrong("text over lines") }
            return .text(text)
        case .choice(let words):
            guard words.contains(text) else { throw wrong(text) }
            return .text(text)
        case .list:
            return .list(
                text.split(separator: ",").map { part in
                    String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                }.filter { !$0.isEmpty })
        }
    }

    private func checked(
        _ number: Int, _ bounds: ClosedRange<Int>, _ text: String
    ) throws(ConfigFault) -> Int {
        guard bounds.contains(number) else {
            throw ConfigFault("\(text) is outside of: \(summary)")
        }
        return number
    }

    private func wrong(_ text: String) -> ConfigFault {
        ConfigFault("'\(text)' is not: \(summary)")
    }

    // MARK: Units

    private static let byteUnits: [(String, Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1),
    ]
    private static let timeUnits: [(String, Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Digits and one of the units; `nil` for all else, and for what no integer holds.
    private static func scaled(_ text: String, _ units: [(String, Int)]) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int(digits), let scale = units.first(where: { $0.0 == unit })?.1
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        return overflow ? nil : product
    }

    static func bytesText(_ bytes: Int) -> String {
        for (unit, scale) in byteUnits.dropLast().reversed()
        where bytes > 0 && bytes % scale == 0 {
            return "\(bytes / scale)\(unit)"
        }
        return String(bytes)
    }

    static func durationText(_ milliseconds: Int) -> String {
        if milliseconds == 0 { return "0" }
        for (unit, scale) in timeUnits.reversed() where milliseconds % scale == 0 {
            return "\(milliseconds / scale)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}

/// What is wrong with one value, in words.
struct ConfigFault: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}

/// A checked value.
enum ConfigValue: Sendable, Equatable {
    case bool(Bool)
    case integer(Int)
    /// `nil`: no limit.
    case milliseconds(Int?)
    case text(String)
    case list([String])

    /// As it would be written on one line.
    func text(_ kind: ConfigKind) -> String {
        switch (self, kind) {
        case (.bool(let value), _): String(value)
        case (.integer(let value), .bytes): ConfigKind.bytesText(value)
        case (.integer(let value), _): String(value)
        case (.milliseconds(let value), _):
            value.map { ConfigKind.durationText($0) } ?? "unlimited"
        case (.text(let value), _): value
        case (.list(let values), _): values.joined(separator: ", ")
        }
    }
}
