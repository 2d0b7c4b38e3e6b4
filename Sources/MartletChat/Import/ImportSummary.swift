/// What an import did.
public struct ImportSummary: Sendable, Hashable {
    /// Files read.
    public var files = 0
    /// Lines read.
    public var lines = 0
    /// Lines that are messages, whether or not they could be stored.
    public var messages = 0
    /// Messages stored by this run.
    public var new = 0
    /// Messages that an earlier run had stored.
    public var alreadyThere = 0
    /// Channels; each is a group.
    public var channels = 0
    /// Users made by this run.
    public var newUsers = 0
    /// Lines that are not stored, by reason.
    public var skipped: [String: Int] = [:]
    /// Lines with bytes that are not UTF-8; stored with U+FFFD in their place.
    public var repairedLines = 0
    /// Bytes of the files, and how many of them are read.
    public var totalBytes: UInt64 = 0
    /// Bytes read.
    public var bytesRead: UInt64 = 0
    /// Microseconds since the start.
    public var microseconds: UInt64 = 0

    /// Messages answered by the store per second.
    public var messagesPerSecond: Double {
        microseconds == 0 ? 0 : Double(new + alreadyThere) * 1e6 / Double(microseconds)
    }

    /// Nothing done yet.
    public init() {}

    mutating func skip(_ reason: String) {
        skipped[reason, default: 0] += 1
    }
}
