import Logging

/// What an operator should be able to see of attacks. Never with a token, a password or a text.
package enum SecurityEvent: String, Sendable {
    case loginFailed = "login failed"
    case loginDelayed = "login delayed"
    case rateLimited = "rate limited"
    case flood = "flood, connection closed"
    case originRefused = "origin refused"
    case tooManyConnections = "too many connections"
    case tokenRefused = "token refused"
    case tokenRevoked = "token revoked, connection closed"
    case badRequest = "unreadable request"
    case slowReader = "slow reader, connection closed"
}

/// Writes security events, at a bounded rate: what is left out is counted in the next line.
struct SecurityLog: Sendable {
    static let rate = RateLimit(perSecond: 10, burst: 100)

    private let logger: Logger
    private var bucket = TokenBucket()
    private var left = 0

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// The line to write now, or nil. The caller writes it outside of its lock.
    mutating func line(
        _ event: SecurityEvent, _ metadata: Logger.Metadata, at now: UInt64
    ) -> (@Sendable () -> Void)? {
        if bucket.take(Self.rate, at: now) != nil {
            left += 1
            return nil
        }
        var metadata = metadata
        metadata["event"] = "\(event.rawValue)"
        if left > 0 { metadata["left_out"] = "\(left)" }
        left = 0
        return { [logger, metadata] in logger.notice("security", metadata: metadata) }
    }
}
