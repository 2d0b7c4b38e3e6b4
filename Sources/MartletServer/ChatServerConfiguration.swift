import Glibc

/// How a `ChatServer` serves.
public struct ChatServerConfiguration: Sendable {
    /// The address to listen on: a name, an IPv4 or an IPv6 address.
    public var host: String
    /// The port to listen on; 0 lets the system choose.
    public var port: Int
    /// Threads for sockets.
    public var threads: Int
    /// Origins besides the server's own whose pages may open a socket, written as a browser
    /// writes them: `https://chat.example.org`.
    public var allowedOrigins: Set<String> = []
    /// Where clients may go when this server is gone or takes no writes, in this order; told to
    /// them in `hi`. Origins, such as `https://chat.example.org`; their pages may open sockets
    /// here.
    public var servers: [String] = []
    /// Files of a certificate, for TLS; nil for plain HTTP.
    public var tls: TLSFiles?
    /// Seconds between two looks whether the certificate's files were replaced.
    public var certificateSeconds: Int64 = 60
    /// Whether plain HTTP may be served on addresses that other machines reach: passwords and
    /// messages travel readable then. For a proxy with TLS in front, on a network of its own.
    public var allowsInsecureHTTP = false
    /// Addresses of proxies whose `X-Forwarded-For` tells who their clients are.
    public var trustedProxies: Set<String> = []
    /// What one address and one user may ask.
    public var limits = ChatServerLimits()
    /// Told to clients in `hi`.
    public var build = "martlet 0.1.0"
    /// Seconds without a byte after which a socket is pinged.
    public var pingSeconds = 25
    /// Seconds that the answer to a ping may take.
    public var pongSeconds = 8
    /// Seconds within which the head of a connection's first request must be complete, the TLS
    /// handshake included.
    public var headSeconds = 10
    /// Seconds within which the body of a request must be complete.
    public var bodySeconds = 10
    /// Seconds within which a socket must be authenticated.
    public var authenticationSeconds = 10
    /// Seconds within which a message on a socket must be complete.
    public var messageSeconds = 60
    /// Seconds that a connection between two requests stays open.
    public var idleSeconds = 30
    /// Whether `/v1/echo` sends every WebSocket message back, for conformance suites. Never where
    /// others reach the server.
    public var hasEcho = false
    /// Sockets that may be open at once; and connections that are none.
    public var maxSockets = 100_000
    /// Seconds that open requests get at a stop before their sockets are cut.
    public var drainSeconds: Int64 = 5
    /// The push services that tell devices which are away.
    public var push = PushOptions()
    /// The issuer whose tokens open sessions, besides those made here; none if nil.
    public var jwt: JWTConfiguration?
    /// Bytes that may wait for one slow reader before it is cut.
    public var maxQueuedBytes = 1 << 20
    /// Milliseconds over which clients are told to come back after a stop, at most.
    public var reconnectSpread = 10_000
    /// Microseconds since 1970, for the expiry of tokens.
    public var clock: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    /// - Parameter threads: 1 serves tens of thousands of sockets.
    public init(host: String = "127.0.0.1", port: Int = 8080, threads: Int = 1) {
        self.host = host
        self.port = port
        self.threads = threads
    }
}
