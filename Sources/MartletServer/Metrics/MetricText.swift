/// Prometheus' text exposition format, version 0.0.4.
package struct MetricText: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    package mutating func begin(_ name: String, _ help: String, _ kind: MetricFamily.Kind) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    package mutating func sample(
        _ name: String, _ label: (name: String, value: String)? = nil,
        _ value: some BinaryInteger
    ) {
        text += name + Self.labels([label].compactMap { $0 }) + " \(value)\n"
    }

    /// A sample whose value was written out by the caller.
    package mutating func sample(
        _ name: String, _ label: (name: String, value: String), text value: String
    ) {
        text += name + Self.labels([label]) + " \(value)\n"
    }

    /// A metric with one series.
    package mutating func number(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ value: some BinaryInteger
    ) {
        begin(name, help, kind)
        sample(name, nil, value)
    }

    /// - Parameter cells: counts of each bucket, the one without a bound, and the sum.
    mutating func histogram(
        _ family: MetricFamily, _ label: (name: String, value: String)?, _ cells: [UInt64]
    ) {
        var count: UInt64 = 0
        let labels = [label].compactMap { $0 }
        for (index, bound) in family.bounds.enumerated() {
            count &+= cells[index]
            let text = Self.decimal(bound, family.decimals)
            self.text += "\(family.name)_bucket\(Self.labels(labels + [("le", text)])) \(count)\n"
        }
        count &+= cells[family.bounds.count]
        text += "\(family.name)_bucket\(Self.labels(labels + [("le", "+Inf")])) \(count)\n"
        let sum = Self.decimal(cells[family.bounds.count + 1], family.decimals)
        text += "\(family.name)_sum\(Self.labels(labels)) \(sum)\n"
        text += "\(family.name)_count\(Self.labels(labels)) \(count)\n"
    }

    /// Exact: a sum of microseconds must not lose its end in a binary fraction.
    static func decimal(_ value: UInt64, _ decimals: Int) -> String {
        let digits = String(value)
        if decimals == 0 { return digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    private static func labels(_ labels: [(name: String, value: String)]) -> String {
        if labels.isEmpty { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
