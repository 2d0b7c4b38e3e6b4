/// Something that must not happen, with the observations that show it.
package struct Violation: Sendable, CustomStringConvertible {
    /// What kind of promise is broken.
    package enum Kind: String, Sendable, CaseIterable {
        /// Acknowledged or seen once, and never seen again.
        case lost
        /// One send has two numbers, or one message two events.
        case doubled
        /// Two observers saw different things at one place.
        case disagreement
        /// Sent after another one was stored, but numbered before it.
        case reordered
        /// Something is missing inside of what must be whole.
        case gap
        /// An answer that does not hold what was known before its request; seen again later.
        case stale
        /// A cursor moved backward.
        case wentBack
        /// A repeat got another result than the first.
        case repeatDiffers
        /// Somebody saw a conversation that is not theirs, or not any more.
        case foreign
        /// Seen, but nobody had done it by then.
        case invented
        /// Refused for good, and stored.
        case refusedButStored
        /// The server denies a cursor of its own epoch.
        case badReset
    }

    package var kind: Kind
    package var message: String
    /// Places in the history.
    package var places: [Int]
    /// The observations, in words.
    package var lines: [String] = []

    package var description: String {
        "\(kind): \(message)" + lines.map { "\n    " + $0 }.joined()
    }
}

/// What a check found.
package struct HistoryReport: Sendable, CustomStringConvertible {
    /// In the order in which they show in the history.
    package var violations: [Violation] = []
    package var observations = 0
    /// Sends that went off, once each.
    package var sends = 0
    package var acknowledged = 0
    /// Sends that were repeated at least once.
    package var repeated = 0
    package var messages = 0
    package var events = 0
    package var pages = 0

    package init() {}

    package var isSound: Bool { violations.isEmpty }

    /// The counts in one line, then the violations, the first ten in full.
    package var description: String {
        """
        \(observations) observations: \(sends) sends (\(acknowledged) acknowledged, \(repeated) \
        repeated), \(messages) messages, \(events) events, \(pages) pages; \
        \(violations.count) violations
        """ + violations.prefix(10).map { "\n  " + $0.description }.joined()
    }
}
