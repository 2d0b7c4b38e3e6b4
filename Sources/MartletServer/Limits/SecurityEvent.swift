import Logging

/// What an operator should be able to see of attacks. Never with a token, a password or a text.
package enum SecurityEvent: String, Sendable {
    case loginFailed = "login failed"
    case loginDelayed = "login delayed"
    case rateLimited = "rate limited"
    case flood = "flood, connection closed"
    case originRefused = "origin refused"
    case tooManyConnections = "too many connections"
    case tokenRefused = "token refused"
    case tokenRevoked = "token revoked, connection closed"
    case badRequest = "unreadable request"
    case slowReader = "slow reader, connection closed"
}

extension PeerLabel {
    /// With what names the connection, and the request that the line is about.
    func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        var metadata = more
        metadata["connection"] = "\(connection)"
        metadata["address"] = "\(address)"
        if let request { metadata["request"] = "\(request)" }
        return metadata
    }
}
