/// What the keeping of failed requests counts since the start, and how it stands.
public struct FailedStatistics: Sendable, Hashable {
    /// Requests put aside.
    public var kept: UInt64 = 0
    /// Requests that could not be put aside: no room, or no journal.
    public var unkept: UInt64 = 0
    /// Requests that were stored later, driven again or repeated by their senders.
    public var redriven: UInt64 = 0
    /// Refusals of requests that were driven again.
    public var refused: UInt64 = 0
    /// Requests ended by operators, or by a refusal of the sender's own repeat.
    public var dropped: UInt64 = 0
    /// Requests that wait to be driven again.
    public var waiting = 0
    /// Requests that wait for an operator.
    public var held = 0
    /// Bytes that they take in the journal, and that they may take.
    public var bytes: UInt64 = 0
    /// As `bytes`.
    public var capacity: UInt64 = 0
    /// What was damaged in the journal when it was opened.
    public var damage: [String] = []
    /// Why the journal takes nothing; `nil` while it does.
    public var failure: String?

    /// Nothing.
    public init() {}
}

/// What is worth a line in the log.
public enum FailedNotice: Sendable, Hashable {
    /// The first one is kept.
    case begun(reason: String)
    /// The first one could not be kept.
    case full
    /// One that was driven again was refused.
    case refused(id: UInt64, reason: String)
    /// Nothing is kept any more: all is stored or dropped.
    case done
}

/// What became of requests that an operator wanted driven again.
package struct RedriveCounts: Sendable, Hashable {
    package var stored = 0
    package var refused = 0
    /// Still kept, because the store takes nothing.
    package var waiting = 0

    package init() {}
}

/// A kept request as an operator sees it.
package struct KeptRequest: Sendable, Hashable {
    package enum State: String, Sendable {
        /// It will be driven again by itself.
        case waiting
        /// It was driven again and refused.
        case refused
        /// It is too old to be driven by itself.
        case expired
    }

    package var id: UInt64
    package var user: UserID
    package var conversation: ConversationID
    package var clientMessageID: String
    /// Bytes of its text.
    package var textBytes: Int
    /// Microseconds since 1970, as `failedAt`.
    package var sentAt: UInt64
    package var failedAt: UInt64
    package var state: State
    /// Why it failed, or was refused.
    package var reason: String

    init(_ request: FailedRequest, isExpired: Bool) {
        id = request.id
        user = request.send.user
        conversation = request.send.conversation
        clientMessageID = request.send.clientMessageID
        textBytes = request.send.text.utf8.count
        sentAt = request.send.sentAt
        failedAt = request.failedAt
        state = request.isRefused ? .refused : isExpired ? .expired : .waiting
        reason = request.reason
    }
}
