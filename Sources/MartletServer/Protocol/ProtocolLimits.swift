/// The numbers `hi` tells, and the protocol page states.
package enum ProtocolLimits {
    package static let version: UInt64 = 1
    /// Bytes of what a client sends as one frame, at most.
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
    /// Users that one socket looks at.
    package static let watchedUsers = 64
    /// Conversations that one socket looks at.
    package static let watchedConversations = 8
    /// Microseconds between two typing notices of a socket in a conversation.
    package static let typingInterval: UInt64 = 2_000_000
    /// Bytes of what the server sends as one frame, at most.
    package static let answerBytes = 256 << 10
    /// What the elements of a page may take; the rest is for what is around them. The largest
    /// message, all of escapes, takes less than half of it.
    package static let pageBytes = answerBytes - 4096
    package static let exactInteger: UInt64 = 1 << 53
    package static let pingSeconds = 25
    package static let pongSeconds = 8
    package static let authenticationSeconds = 10
}
