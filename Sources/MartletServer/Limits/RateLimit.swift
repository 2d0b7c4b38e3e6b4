/// How often something may happen: a bucket of `burst` that fills up by `perSecond`.
public struct RateLimit: Sendable, Hashable {
    /// What is added in a second; 0 switches the limit off.
    public var perSecond: Double
    /// What fits, and so may happen at once; at least 1.
    public var burst: Int

    /// A limit of these parts.
    public init(perSecond: Double, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// No limit.
    public static let off = RateLimit(perSecond: 0, burst: 0)

    /// Whether it limits nothing.
    public var isOff: Bool { !(perSecond > 0) }
}

/// How tries to log in are slowed down, for one name and for one address each.
///
/// Behind the last free try and each further one comes a delay, `firstSeconds` at first and twice
/// as long each time, up to the cap. A success ends the delays of its name; `forgetSeconds` without
/// a try end all.
public struct LoginDelays: Sendable, Hashable {
    /// Tries for one name before the delays begin; 0 switches the delays of names off.
    public var freePerName = 5
    /// Tries from one address before the delays begin; 0 switches the delays of addresses off.
    public var freePerAddress = 30
    /// The first delay, in seconds.
    public var firstSeconds = 1
    /// The longest delay of a name. It is short, because whoever knows a name can cause it.
    public var maxSecondsPerName = 60
    /// The longest delay of an address.
    public var maxSecondsPerAddress = 900
    /// Seconds without a try after which all is forgotten.
    public var forgetSeconds = 3_600

    /// The defaults.
    public init() {}

    /// No delays.
    public static var off: LoginDelays {
        var delays = LoginDelays()
        delays.freePerName = 0
        delays.freePerAddress = 0
        return delays
    }
}
