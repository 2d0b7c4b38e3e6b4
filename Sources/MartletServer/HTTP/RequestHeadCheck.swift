import NIOHTTP1

/// What a request's head must be, beyond what the parser checks: no two readers may understand it
/// differently (RFC 9112 sections 3.2, 5.2 and 6.3), or a proxy before us could be smuggled past.
enum RequestHeadCheck {
    static func check(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        guard head.version == .http1_1 || head.version == .http1_0 else {
            throw HTTPRefusal(.httpVersionNotSupported, "HTTP/1.1 only")
        }
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
            throw HTTPRefusal(.badRequest, "one Host")
        }
        guard head.uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPRefusal(.badRequest, "cannot read this target")
        }
        for (_, value) in head.headers
        where value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) {
            // A folded line, which may not be sent and is read in many ways.
            throw HTTPRefusal(.badRequest, "cannot read this header")
        }
        let lengths = head.headers["content-length"]
        let encodings = head.headers["transfer-encoding"]
        guard encodings.isEmpty || lengths.isEmpty, lengths.count <= 1 else {
            throw HTTPRefusal(.badRequest, "the length is told twice")
        }
        guard lengths.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) else {
            throw HTTPRefusal(.badRequest, "Content-Length")
        }
        if encodings.isEmpty { return }
        guard encodings.count == 1, encodings[0].lowercased() == "chunked",
            head.version == .http1_1
        else { throw HTTPRefusal(.badRequest, "chunked is the only Transfer-Encoding") }
    }
}
