/// The names of a store's files, by kind.
package enum FileName {
    /// Decimal digits of the number in a file's name.
    package static let digits = 12
    package static let lock = "LOCK"
    package static let current = "CURRENT"
    package static let logDirectory = "log"
    package static let tableDirectory = "tables"
    /// Where daemons write; see docs/protocol/compaction.md.
    package static let jobDirectory = "jobs"
    package static let compactionSocket = "compaction.sock"

    package static func table(_ number: UInt64) -> String { padded(number) + ".sst" }

    /// The number of a table file's name; `nil` for other names.
    package static func tableNumber(_ name: String) -> UInt64? {
        guard name.hasSuffix(".sst") else { return nil }
        return UInt64(name.dropLast(4))
    }

    private static func padded(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
