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
    /// Told to clients in `hi`.
    public var build = "martlet 0.1.0"
    /// Sockets that may be open at once.
    public var maxSockets = 100_000
    /// Seconds that open requests get at a stop before their sockets are cut.
    public var drainSeconds: Int64 = 5
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
