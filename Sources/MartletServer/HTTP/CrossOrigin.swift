import NIOHTTP1

/// What lets pages of other origins that the operator has allowed use the door (the CORS protocol
/// of the Fetch standard). No cookie is ever read, so nothing is said of credentials.
package enum CrossOrigin {
    /// The request's `Origin`, if it is one of the allowed; a page of our own needs no leave.
    static func origin(of head: HTTPRequestHead, allowed: Set<String>) -> String? {
        if allowed.isEmpty { return nil }
        let origins = head.headers["origin"]
        guard origins.count == 1, allowed.contains(origins[0].lowercased()) else { return nil }
        return origins[0]
    }

    /// Whether a browser asks if it may send a request.
    static func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.contains(name: "origin")
            && head.headers.contains(name: "access-control-request-method")
    }

    /// Of the answer to a preflight, beside the origin.
    static let preflight = [
        ("Access-Control-Allow-Methods", "POST"),
        ("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id"),
        ("Access-Control-Max-Age", "600"),
    ]

    /// Adds what every answer to `origin` carries.
    static func allow(_ origin: String?, in headers: inout HTTPHeaders) {
        guard let origin else { return }
        headers.add(name: "Access-Control-Allow-Origin", value: origin)
        headers.add(name: "Access-Control-Expose-Headers", value: "Retry-After, X-Request-Id")
        headers.add(name: "Vary", value: "Origin")
    }
}
