/// What an endpoint's URL may be, beyond its form.
public struct EndpointRules: Sendable, Hashable {
    /// Whether `http` is taken as well. For tests only: the request's headers are credentials.
    public var allowsPlainHTTP: Bool
    /// Whether ports below 1,024 other than 443 are taken.
    public var allowsLowPorts: Bool

    /// Only https, on 443 or a port from 1,024 on, unless said otherwise.
    public init(allowsPlainHTTP: Bool = false, allowsLowPorts: Bool = false) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.allowsLowPorts = allowsLowPorts
    }
}

/// An http(s) URL that no two parsers understand differently: a lower-case name or an address, an
/// optional port, a path. No user, no fragment, nothing but unreserved and delimiting ASCII.
struct PushURL: Sendable, Hashable {
    struct Malformed: Error {
        var reason: String
    }

    static let bytesMax = 2_048

    let isSecure: Bool
    /// A name, or an address without brackets.
    let host: String
    let port: Int
    /// Path and query, with the leading `/`.
    let target: String

    /// - Throws: `Malformed`, with a reason for the client.
    init(_ text: String, rules: EndpointRules) throws(Malformed) {
        guard text.utf8.count <= Self.bytesMax else {
            throw Malformed(reason: "more than \(Self.bytesMax) bytes")
        }
        // Before anything folds case: some letters outside of ASCII have lower-case forms in it.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw Malformed(reason: "not ASCII") }
        let schemes = [("https://", true), ("http://", false)]
        guard
            let scheme = schemes.first(where: { scheme, _ in
                text.utf8.count > scheme.utf8.count
                    && text.prefix(scheme.count).lowercased() == scheme
            }), scheme.1 || rules.allowsPlainHTTP
        else { throw Malformed(reason: "not https") }
        isSecure = scheme.1
        let rest = text.dropFirst(scheme.0.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...]
        let isRooted = path.isEmpty || path.hasPrefix("/")
        guard isRooted, Self.isTarget(path) else { throw Malformed(reason: "malformed path") }
        target = path.isEmpty ? "/" : String(path)
        (host, port) = try Self.split(authority, defaultPort: isSecure ? 443 : 80)
        guard port == 443 || port >= 1_024 || rules.allowsLowPorts else {
            throw Malformed(reason: "port \(port) is not allowed")
        }
    }

    private var authority: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Scheme, host and port, as RFC 6454 §6.2 writes them: without the scheme's own port.
    var origin: String { (isSecure ? "https://" : "http://") + authority }

    var text: String { origin + target }

    private static func split(
        _ authority: Substring, defaultPort: Int
    ) throws(Malformed) -> (host: String, port: Int) {
        let host: String
        var rest: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let literal = authority[authority.index(after: authority.startIndex)..<end]
            guard literal.utf8.contains(UInt8(ascii: ":")),
                let address = IPAddress(String(literal))
            else { throw Malformed(reason: "malformed address") }
            host = address.description
            rest = authority[authority.index(after: end)...]
        } else {
            let name = authority.prefix { $0 != ":" }.lowercased()
            guard isName(name) else { throw Malformed(reason: "malformed host") }
            host = name
            rest = authority.drop { $0 != ":" }
        }
        if rest.isEmpty { return (host, defaultPort) }
        rest = rest.dropFirst()
        guard (1...5).contains(rest.utf8.count), rest.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(rest), (1...65_535).contains(port)
        else { throw Malformed(reason: "malformed port") }
        return (host, port)
    }

    /// A name of labels, or an IPv4 address in four decimal parts. What ends in a number is an
    /// address to some parsers (`127.1`, `0x7f000001`), so it must be a plain one.
    private static func isName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areLabels = labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy {
                    (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95
                }
        }
        guard areLabels, let last = labels.last, let first = last.first else { return false }
        return !(48...57).contains(first) || IPAddress(name) != nil
    }

    /// Whether `path` holds only what RFC 3986 lets stand in a path or a query.
    private static func isTarget(_ path: Substring) -> Bool {
        let bytes = Array(path.utf8)
        let marks = Set("-._~!$&'()*+,;=:@/?%".utf8)
        let areAllowed = bytes.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                || marks.contains($0)
        }
        let areEscaped = bytes.indices.filter { bytes[$0] == UInt8(ascii: "%") }.allSatisfy {
            $0 + 2 < bytes.count && isHex(bytes[$0 + 1]) && isHex(bytes[$0 + 2])
        }
        return areAllowed && areEscaped
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
