/// What every socket of a server shares.
package struct SocketSettings: Sendable {
    /// Told in `hi`, with the heartbeat that is kept.
    package var facts: ServerFacts
    /// Bytes that may wait for one slow reader before it is cut.
    package var maxQueuedBytes: Int
    /// Sockets of one loop; one more is turned away.
    package var maxSocketsPerLoop: Int
    /// Seconds for which a socket may be nobody's.
    package var authenticationSeconds = ProtocolLimits.authenticationSeconds
    /// Seconds from the first byte of a message to its last.
    package var messageSeconds = 60
    /// Milliseconds over which sockets come back after a stop, at most.
    package var reconnectSpread = 10_000
    /// Microseconds since 1970.
    package var clock: @Sendable () -> UInt64

    package init(
        facts: ServerFacts, maxQueuedBytes: Int = 1 << 20, maxSocketsPerLoop: Int = 20_000,
        clock: @escaping @Sendable () -> UInt64
    ) {
        self.facts = facts
        self.maxQueuedBytes = maxQueuedBytes
        self.maxSocketsPerLoop = maxSocketsPerLoop
        self.clock = clock
    }
}
