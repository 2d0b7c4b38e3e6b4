/// What `hi` tells of this server, beside the limits of the protocol.
package struct ServerFacts: Sendable {
    /// Name and version.
    package var build: String
    /// Seconds without a byte after which a socket is pinged.
    package var pingSeconds: Int
    /// Seconds that the answer to a ping may take.
    package var pongSeconds: Int

    package init(
        build: String, pingSeconds: Int = ProtocolLimits.pingSeconds,
        pongSeconds: Int = ProtocolLimits.pongSeconds
    ) {
        self.build = build
        self.pingSeconds = max(1, pingSeconds)
        self.pongSeconds = max(1, pongSeconds)
    }
}
