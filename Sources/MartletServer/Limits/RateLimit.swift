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

    /// Microseconds that who has emptied the bucket is told to wait beyond the next token: about a
    /// second in all, and a tenth of the bucket at most. Who comes back for one token at a time is
    /// refused every other time.
    var respite: UInt64 {
        if isOff { return 0 }
        let tokens = max(1, min(perSecond, Double(burst) / 10))
        return UInt64(min((tokens - 1) * 1e6 / perSecond, 1e15))
    }
}

/// How tries to log in are slowed down: for one name from one address, for one name from anywhere,
/// and for one address.
///
/// Behind the last free try and each further one comes a delay, `firstSeconds` at first and twice
/// as long each time, up to the cap. A success ends the delays of its name; `forgetSeconds` without
/// a try end all.
public struct LoginDelays: Sendable, Hashable {
    /// Tries for one name from one address before the delays begin; 0 switches these delays off.
    public var freePerPair = 5
    /// Tries for one name from anywhere before the delays begin; 0 switches the delays of names
    /// off. Far more than from one address: whoever knows a name can cause its delays, and the
    /// name's owner waits as well.
    public var freePerName = 100
    /// Tries from one address before the delays begin; 0 switches the delays of addresses off.
    public var freePerAddress = 30
    /// The first delay, in seconds.
    public var firstSeconds = 1
    /// The longest delay of a name, from one address or from anywhere.
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
        delays.freePerPair = 0
        delays.freePerName = 0
        delays.freePerAddress = 0
        return delays
    }
}
