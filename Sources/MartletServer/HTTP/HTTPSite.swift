import NIOHTTP1

extension HTTPHandler {
    /// What all connections of a loop share.
    package struct Site {
        package var hub: Hub
        package var files: StaticFiles
        package var allowedOrigins: Set<String>
        /// Whether the store takes writes.
        package var isHealthy: @Sendable () -> Bool
        /// Seconds for each part of a request.
        package var deadlines: HTTPDeadlines
        /// Whether `/v1/echo` is there, for conformance suites.
        package var hasEcho: Bool
        /// What every answer carries.
        let guards: HTTPHeaders

        /// - Parameters:
        ///   - isSecure: whether connections are TLS.
        ///   - servers: origins that the page may connect to besides its own.
        package init(
            hub: Hub, files: StaticFiles, allowedOrigins: Set<String>, isSecure: Bool = false,
            servers: [String] = [], deadlines: HTTPDeadlines = .init(), hasEcho: Bool = false,
            isHealthy: @escaping @Sendable () -> Bool
        ) {
            self.hub = hub
            self.files = files
            self.allowedOrigins = allowedOrigins
            self.isHealthy = isHealthy
            self.deadlines = deadlines
            self.hasEcho = hasEcho
            guards = SecurityHeaders.all(isSecure: isSecure, servers: servers)
        }
    }
}

/// Seconds after which a connection that does not get on is closed.
package struct HTTPDeadlines: Sendable {
    /// From the connection's start to the end of the first head.
    package var head = 10
    /// From a head's end to its body's end.
    package var body = 10
    /// From an answer to the end of the next head; the client reads the answer meanwhile.
    package var idle = 30

    package init() {}
}

/// Headers that keep browsers from doing what they should not.
enum SecurityHeaders {
    /// - Parameter servers: origins that the page may connect to besides its own.
    static func all(isSecure: Bool, servers: [String] = []) -> HTTPHeaders {
        // Of `http` follows `ws`, of `https` follows `wss`.
        let others = servers.map { " \($0) ws\($0.dropFirst(4))" }.joined()
        var headers: HTTPHeaders = [
            "Content-Security-Policy": """
            default-src 'self'; connect-src 'self'\(others); worker-src 'self'; \
            manifest-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
            form-action 'self'; frame-ancestors 'none'
            """,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        ]
        if isSecure { headers.add(name: "Strict-Transport-Security", value: "max-age=31536000") }
        return headers
    }
}
