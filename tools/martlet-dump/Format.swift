/// How bytes, numbers and times are shown.
enum Format {
    /// Printable ASCII as it is, a backslash doubled, all else as \xNN. More than `limit` bytes are
    /// cut, and their number said.
    static func escaped(_ bytes: some Collection<UInt8>, limit: Int = .max) -> String {
        var text = ""
        for byte in bytes.prefix(limit) {
            switch byte {
            case UInt8(ascii: "\\"): text += "\\\\"
            case 0x20...0x7e: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "\\x" + hex(UInt64(byte), digits: 2)
            }
        }
        return bytes.count > limit ? text + "… (\(bytes.count) bytes)" : text
    }

    /// The bytes that `escaped` shows like this; `nil` where an escape makes no sense.
    static func unescaped(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): bytes.append(byte)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                    return nil
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: return nil
            }
        }
        return bytes
    }

    /// Lower-case hexadecimal digits, padded with zeros.
    static func hex(_ value: UInt64, digits: Int = 16) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// With commas between thousands.
    static func count(_ value: some BinaryInteger) -> String {
        var text = ""
        for (index, digit) in String(value).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return text
    }

    static func plural(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
        "\(Format.count(count)) \(count == 1 ? one : many)"
    }

    /// Microseconds since 1970 as a UTC time; as a plain number where they are not of our age.
    static func time(_ microseconds: UInt64) -> String {
        let seconds = microseconds / 1_000_000
        // Before 1990 or behind 2200 a timestamp is a counter of somebody, not a time.
        guard (631_152_000..<7_258_118_400).contains(seconds) else { return String(microseconds) }
        let (year, month, day) = date(day: Int(seconds / 86_400))
        func two(_ value: UInt64) -> String { padded(value, 2) }
        return "\(year)-\(two(UInt64(month)))-\(two(UInt64(day)))T\(two(seconds / 3_600 % 24)):"
            + "\(two(seconds / 60 % 60)):\(two(seconds % 60))."
            + "\(padded(microseconds % 1_000_000, 6))Z"
    }

    private static func padded(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The civil date of a day counted from 1970.
    private static func date(day: Int) -> (year: Int, month: Int, day: Int) {
        // Years begin in March here, so that the leap day is the last one of a year.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civil = month < 10 ? month + 3 : month - 9
        return (
            yearOfEra + era * 400 + (civil <= 2 ? 1 : 0), civil,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
