public import MartletStore

/// How a chat service runs. The defaults suit a server.
public struct ChatOptions: Sendable {
    /// What has happened to a message when it is acknowledged.
    public var durability: Durability = .synced
    /// Threads that read the store.
    public var readerThreads = 4
    /// Reads that may wait for a thread; more are refused with `.tooMany`.
    public var readerQueue = 16_384
    /// Sends and receipts that may be under way; more are refused with `.tooMany`.
    public var sendsUnderWay = 16_384
    /// Threads that hash passwords, 32 MiB each while at it.
    public var hashThreads = 1
    /// Passwords that may wait for a thread; more are refused with `.tooMany`.
    public var hashQueue = 64
    /// Accounts that may wait for their deletion; more are refused with `.tooMany`.
    public var deletionQueue = 256
    /// Looks at others' presence that may wait for the one thread that serves them; more are
    /// refused with `.tooMany`.
    public var presenceQueue = 1_024
    /// The price of hashing a password. Lower it in tests only.
    public var passwordCost = PasswordCost()
    /// When tokens expire.
    public var tokens = TokenLifetimes()
    /// Microseconds for which a repeated client message id is recognised, counted on the store's
    /// clock from the first send; `nil` for ever. The protocol promises 7 days.
    public var repeatLifetime: UInt64? = 14 * 86_400_000_000
    /// Entries of each in-memory cache: counters, conversations, names, sessions.
    public var cacheEntries = 65_536
    /// How often a commit that the store refused for a passing reason is tried again before its
    /// requests are; with growing pauses, 20 ms at first.
    public var commitRetries = 3
    /// Bytes of the disk, taken in advance in the store's directory, for sends that could not be
    /// stored even so; 0 for none. They are driven again when the store writes again.
    public var failedJournalBytes = 0
    /// Whether kept sends are driven again by themselves. Off, only `retryFailed` does.
    public var drivesFailed = true
    /// Microseconds after which a message can no longer be edited by its author; 0: never could,
    /// `nil`: no limit.
    public var editWindow: UInt64? = 24 * 3_600_000_000
    /// The same for deleting it for everybody. A group's admins are not bound by it.
    public var deleteWindow: UInt64? = 24 * 3_600_000_000
    /// Members of a group, at most.
    public var groupMembers = 10_000
    /// Bytes of memory for what devices of active users start with.
    public var recentBytes = 64 << 20
    /// Bytes of text in one commit, at which the next commit is begun.
    public var commitBytes = 4 << 20

    /// Microseconds between the beginnings of two commits, at least: while many send, a commit
    /// takes what came meanwhile, and its sync of the log is shared. A message after a pause never
    /// waits.
    public var commitInterval: UInt64 = 800
    /// The same while more than about nine messages come in a millisecond.
    public var busyCommitInterval: UInt64 = 2_000

    /// The defaults.
    public init() {}
}

/// The parameters of scrypt (RFC 7914): memory is 128 * r * 2^logRounds bytes.
public struct PasswordCost: Sendable, Hashable {
    /// The logarithm of the rounds N.
    public var logRounds: UInt8 = 15
    /// r.
    public var blockSize: UInt8 = 8
    /// p.
    public var parallelism: UInt8 = 1

    /// 2^15, 8, 1: 32 MiB, some 80 ms.
    public init() {}
}

/// When a token that nobody ends expires. In microseconds.
public struct TokenLifetimes: Sendable, Hashable {
    /// Without use.
    public var inactivity: UInt64 = 30 * 86_400_000_000
    /// Use or not.
    public var absolute: UInt64 = 180 * 86_400_000_000
    /// A use is written down when the last one written is so long ago, or a quarter of
    /// `inactivity` if that is less.
    public var renewal: UInt64 = 3_600_000_000

    /// 30 days, 180 days, an hour.
    public init() {}
}

/// The bounds that the service holds its callers to.
public enum ChatLimits {
    /// Bytes of UTF-8 of a message, at most.
    public static let textBytes = 16 << 10
    /// Bytes of a client message id, at most.
    public static let clientMessageIDBytes = 64
    /// Bytes of a password.
    public static let passwordBytes = 8...256
    /// Characters of a name, at most.
    public static let nameLength = 32
    /// Bytes of UTF-8 of a group's name, at most.
    public static let groupNameBytes = 100
    /// Members that one call adds, at most.
    public static let membersAtOnce = 100
    /// Members of a group up to which they are told who is writing.
    public static let typingMembers = 200
    /// Devices of a user, at most.
    public static let devices = 16
    /// Bytes of a device's label.
    public static let deviceLabelBytes = 1...64
    /// Microseconds that an invitation lives for.
    public static let linkLifetime: ClosedRange<UInt64> = 60_000_000...2_592_000_000_000
    /// Elements of a page, at most.
    public static let page = 1_000
}
