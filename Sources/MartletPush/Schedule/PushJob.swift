/// One push that is to be sent: what the outbox must know of it. What it says, and to whom, the
/// owner finds under the same id when it is sent. Times are in microseconds since 1970.
public struct PushJob: Sendable, Hashable {
    /// The order in which jobs are sent, and in which the store gives them back.
    public struct Key: Sendable, Hashable, Comparable {
        /// As the job's.
        public var dueAt: UInt64
        /// As the job's.
        public var id: [UInt8]

        /// The key of a job with these two.
        public init(dueAt: UInt64, id: [UInt8]) {
            self.dueAt = dueAt
            self.id = id
        }

        /// In front of every job.
        public static let first = Key(dueAt: 0, id: [])

        /// By time, then by id.
        public static func < (one: Key, other: Key) -> Bool {
            if one.dueAt != other.dueAt { return one.dueAt < other.dueAt }
            return one.id.lexicographicallyPrecedes(other.id)
        }

        /// The first key behind this one.
        var next: Key { Key(dueAt: dueAt, id: id + [0]) }
    }

    /// What it is for, opaque here: a device and a conversation, say. There is one job for each.
    public var id: [UInt8]
    /// Grows whenever a newer push takes the job over.
    public var version: UInt64
    /// Where it goes (`PushSubscription.service`).
    public var service: String
    /// Not sent before.
    public var dueAt: UInt64
    /// Not sent from then on.
    public var expiresAt: UInt64
    /// How often it was sent in vain.
    public var attempts: UInt32
    /// Whether to send `PushNotice.bare`, because all of it was too large.
    public var isBare: Bool
    /// Why the last attempt came to nothing; empty before it.
    public var lastReason: String

    /// A job that was not sent yet.
    public init(id: [UInt8], version: UInt64, service: String, dueAt: UInt64, expiresAt: UInt64) {
        self.id = id
        self.version = version
        self.service = service
        self.dueAt = dueAt
        self.expiresAt = expiresAt
        attempts = 0
        isBare = false
        lastReason = ""
    }

    /// Its place in the order.
    public var key: Key { Key(dueAt: dueAt, id: id) }

    /// Whole seconds that are left of it, for `PushNotice.ttl`.
    public func secondsLeft(now: UInt64) -> UInt32 {
        now >= expiresAt ? 0 : UInt32(clamping: (expiresAt - now) / 1_000_000)
    }

    /// This job in place of `older`, of the same id: a back-off goes on, and a job that waits does
    /// not wait longer because more happened.
    public func superseding(_ older: PushJob) -> PushJob {
        var job = self
        job.dueAt = older.attempts > 0 ? older.dueAt : min(dueAt, older.dueAt)
        job.attempts = older.attempts
        job.lastReason = older.lastReason
        return job
    }

    /// A dead letter's second life: due now, for `lifetime` microseconds.
    public func revived(now: UInt64, lifetime: UInt64) -> PushJob {
        var job = self
        job.dueAt = now
        job.expiresAt = now + lifetime
        job.attempts = 0
        return job
    }
}

extension PushJob {
    private static let format: UInt8 = 1

    /// The bytes to store under the id, which they do not hold: format, version, due and expiry (8
    /// bytes each), attempts (4), bare (1), service and reason behind their lengths (2). Numbers
    /// are big-endian.
    public func encoded() -> [UInt8] {
        var bytes = [Self.format]
        bytes.append(big: version)
        bytes.append(big: dueAt)
        bytes.append(big: expiresAt)
        bytes.append(big: attempts)
        bytes.append(isBare ? 1 : 0)
        bytes.append(short: service)
        bytes.append(short: lastReason)
        return bytes
    }

    /// Reads what `encoded` wrote; `nil` for anything else.
    public init?(id: [UInt8], _ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.number(UInt8.self) == Self.format,
            let version = reader.number(UInt64.self), let dueAt = reader.number(UInt64.self),
            let expiresAt = reader.number(UInt64.self), let attempts = reader.number(UInt32.self),
            let bare = reader.number(UInt8.self), bare <= 1,
            let service = reader.text(), let reason = reader.text(), reader.isAtEnd
        else { return nil }
        self.init(
            id: id, version: version, service: service, dueAt: dueAt, expiresAt: expiresAt)
        self.attempts = attempts
        isBare = bare == 1
        lastReason = reason
    }
}
