/// What one address and one user may ask of the server. A limit of 0 (`RateLimit.off`) is none.
///
/// Addresses are IPv4 addresses and /64 networks of IPv6. No address is exempt, loopback neither.
public struct ChatServerLimits: Sendable, Hashable {
    /// Connections of one address that may be open at once.
    public var connectionsPerAddress = 2_000
    /// New connections of one address.
    public var connects = RateLimit(perSecond: 100, burst: 1_000)
    /// Requests of one address over HTTP, and over sockets before they are authenticated.
    public var addressRequests = RateLimit(perSecond: 200, burst: 2_000)
    /// New accounts of one address.
    public var registers = RateLimit(perSecond: 0.02, burst: 30)
    /// Tries to log in with a password, of one address.
    public var logins = RateLimit(perSecond: 0.5, burst: 60)
    /// How tries to log in are slowed down.
    public var loginDelays = LoginDelays()
    /// Requests of one user, all together.
    public var requests = RateLimit(perSecond: 100, burst: 1_000)
    /// Messages of one user.
    public var sends = RateLimit(perSecond: 20, burst: 400)
    /// Pages that one user reads: `sync`, `history`, `conversations`, polls.
    public var pages = RateLimit(perSecond: 20, burst: 200)
    /// Names that one user looks up.
    public var finds = RateLimit(perSecond: 0.5, burst: 60)
    /// Receipts of one user.
    public var receipts = RateLimit(perSecond: 20, burst: 200)
    /// Typing notices of one user.
    public var typing = RateLimit(perSecond: 2, burst: 20)
    /// Looks at other users' presence, of one user.
    public var presence = RateLimit(perSecond: 2, burst: 60)
    /// Changes of groups, contacts and settings by one user.
    public var changes = RateLimit(perSecond: 1, burst: 60)
    /// Refused frames of one socket that came before the time they were told. A socket that goes
    /// beyond it is closed.
    public var refusals = RateLimit(perSecond: 2, burst: 60)
    /// Addresses, users and names that are remembered, each with each of its limits. Those that
    /// were quiet for longest are forgotten first.
    public var rememberedKeys = 65_536

    /// The defaults: far above what people do, far below what harms.
    public init() {}

    /// No limits.
    public static var off: ChatServerLimits {
        var limits = ChatServerLimits()
        limits.connectionsPerAddress = 0
        limits.loginDelays = .off
        for path in all { limits[keyPath: path] = .off }
        return limits
    }

    private static var all: [WritableKeyPath<ChatServerLimits, RateLimit>] {
        [
            \.connects, \.addressRequests, \.registers, \.logins, \.requests, \.sends, \.pages,
            \.finds, \.receipts, \.typing, \.presence, \.changes, \.refusals,
        ]
    }
}
