/// One POST to a push service.
struct PushRequest: Sendable {
    var url: PushURL
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Whether the URL comes from a user: then its addresses are checked.
    var isGuarded: Bool
}

/// What came back.
struct PushReply: Sendable, Hashable {
    var status: Int
    /// Seconds, from `Retry-After`.
    var retryAfter: UInt32?
    /// The body's beginning.
    var body: [UInt8] = []
}

/// Why there is no reply.
enum PushFailure: Error, Sendable, Hashable {
    /// The endpoint may not be called.
    case forbidden(String)
    /// It could not be reached, or did not answer in time.
    case unreachable(String)

    var outcome: PushOutcome {
        switch self {
        case .forbidden(let reason): .refused(reason: reason, isAlarm: false)
        case .unreachable(let reason): .retry(after: nil, scope: .subscription, reason: reason)
        }
    }
}
