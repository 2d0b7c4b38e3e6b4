import Logging

/// Writes lines of one message at a bounded rate: what is left out is counted in the next line. So
/// nobody fills the disk by making them.
struct BoundedLog: Sendable {
    static let rate = RateLimit(perSecond: 10, burst: 100)

    private let logger: Logger
    private let level: Logger.Level
    private let message: Logger.Message
    private var bucket = TokenBucket()
    private var left = 0

    init(_ logger: Logger, _ level: Logger.Level, _ message: Logger.Message) {
        self.logger = logger
        self.level = level
        self.message = message
    }

    /// The line to write now, or nil. The caller writes it outside of its lock.
    mutating func line(
        _ metadata: Logger.Metadata, at now: UInt64
    ) -> (@Sendable () -> Void)? {
        if bucket.take(Self.rate, at: now) != nil {
            left += 1
            return nil
        }
        var metadata = metadata
        if left > 0 { metadata["left_out"] = "\(left)" }
        left = 0
        return { [logger, level, message, metadata] in
            logger.log(level: level, message, metadata: metadata)
        }
    }
}
