public import NIOCore
import NIOPosix

/// How the one HTTP client of all transports works.
public struct PushClientOptions: Sendable {
    /// What endpoints of users may look like.
    public var rules = EndpointRules()
    /// Which addresses endpoints of users may lead to.
    public var addresses = AddressGuard()
    /// For connecting and the TLS handshake, in milliseconds.
    public var connectTimeout: Int64 = 5_000
    /// For a whole request, in milliseconds, name resolution included.
    public var deadline: Int64 = 15_000
    /// Of a reply's body; what is longer is cut off, and its connection closed.
    public var replyBytesMax = 16_384
    /// How many origins of users keep their connections.
    public var originsMax = 32
    /// How long a checked address is used before the name is resolved again, in seconds.
    public var addressLifetime: UInt64 = 300
    /// Certificates in PEM that are trusted beside the system's; empty for none.
    public var extraRootsPEM: [UInt8] = []
    /// Whose loops do the work.
    public var group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    /// Who resolves names; nil for the system.
    public var resolver: (any HostResolver)?
    /// The time in microseconds since 1970.
    public var now: @Sendable () -> UInt64

    /// The defaults, with the caller's clock.
    public init(now: @escaping @Sendable () -> UInt64) { self.now = now }
}
