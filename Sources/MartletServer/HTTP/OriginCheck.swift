/// Whether a browser's page may open a socket here: cross-site pages may not, unless allowed.
package enum OriginCheck {
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
