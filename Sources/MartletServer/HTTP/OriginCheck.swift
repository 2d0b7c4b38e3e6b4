package import NIOHTTP1

/// Whether a browser's page may open a socket here: cross-site pages may not, unless allowed.
package enum OriginCheck {
    /// Refuses a request whose `Origin` may not ask here; one without is no browser's.
    package static func check(
        _ head: HTTPRequestHead, allowed: Set<String>
    ) throws(HTTPRefusal) {
        let origins = head.headers["origin"]
        guard origins.count <= 1 else { throw HTTPRefusal(.badRequest, "more than one Origin") }
        guard let origin = origins.first else { return }
        let host = head.headers.first(name: "host") ?? ""
        if !allows(origin, host: host, allowed: allowed) {
            throw HTTPRefusal(.forbidden, "this origin is not allowed")
        }
    }

    /// - Parameters:
    ///   - origin: the `Origin` header, such as `https://chat.example.org`.
    ///   - host: the `Host` header.
    ///   - allowed: further origins, written as a browser writes them.
    package static func allows(_ origin: String, host: String, allowed: Set<String>) -> Bool {
        let origin = origin.lowercased()
        if allowed.contains(origin) { return true }
        let port: String
        let authority: Substring
        if origin.hasPrefix("http://") {
            authority = origin.dropFirst(7)
            port = ":80"
        } else if origin.hasPrefix("https://") {
            authority = origin.dropFirst(8)
            port = ":443"
        } else {
            return false
        }
        guard !authority.isEmpty else { return false }
        return withPort(authority, port) == withPort(host.lowercased()[...], port)
    }

    private static func withPort(_ authority: Substring, _ standard: String) -> String {
        let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
        return authority[afterBracket...].contains(":")
            ? String(authority) : String(authority) + standard
    }
}
