/// The numbers `hi` tells, and the protocol page states.
package enum ProtocolLimits {
    package static let version: UInt64 = 1
    package static let frameBytes = 65_536
    /// A longer message closes the socket; up to this it is thrown away and answered.
    package static let discardedBytes = 16 << 20
    package static let textBytes = 16_384
    package static let clientMessageIDBytes = 64
    package static let idBytes = 64
    package static let agentBytes = 128
    package static let tokenBytes = 256
    /// Of a token that a configured issuer made.
    package static let credentialBytes = JWTText.maxBytes
    package static let passwordBytes = 256
    package static let nameBytes = 256
    package static let depth = 16
    package static let openRequests = 32
    package static let page = 100
    /// Encoded size at which a page is cut; one element may go beyond it.
    package static let pageBytes = 256 << 10
    package static let exactInteger: UInt64 = 1 << 53
    package static let pingSeconds = 25
    package static let pongSeconds = 8
    package static let authenticationSeconds = 10
}
