import Crypto
package import NIOHTTP1

/// Why a request is not served, as an HTTP answer.
package struct HTTPRefusal: Error, Equatable {
    package var status: HTTPResponseStatus
    package var message: String
    package var headers: [String: String] = [:]

    init(_ status: HTTPResponseStatus, _ message: String, _ headers: [String: String] = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }
}

/// The opening handshake of RFC 6455 section 4.2.
package enum UpgradeRequest {
    /// Checks the head of a `GET /v1/socket`.
    /// - Returns: the value of `Sec-WebSocket-Accept`.
    package static func check(
        _ head: HTTPRequestHead, allowedOrigins: Set<String>
    ) throws(HTTPRefusal) -> String {
        guard head.method == .GET else {
            throw HTTPRefusal(.methodNotAllowed, "GET only", ["Allow": "GET"])
        }
        let headers = head.headers
        guard has("websocket", in: headers[canonicalForm: "upgrade"]),
            has("upgrade", in: headers[canonicalForm: "connection"])
        else {
            throw HTTPRefusal(
                .upgradeRequired, "a WebSocket is served here",
                ["Upgrade": "websocket", "Connection": "Upgrade"])
        }
        guard head.version == .http1_1, headers["host"].count == 1 else {
            throw HTTPRefusal(.badRequest, "HTTP/1.1 with one Host")
        }
        guard headers["sec-websocket-version"] == ["13"] else {
            throw HTTPRefusal(
                .upgradeRequired, "WebSocket version 13 only", ["Sec-WebSocket-Version": "13"])
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, isKey(keys[0]) else {
            throw HTTPRefusal(.badRequest, "Sec-WebSocket-Key")
        }
        try OriginCheck.check(head, allowed: allowedOrigins)
        return acceptValue(for: keys[0])
    }

    private static func has(_ token: String, in values: [Substring]) -> Bool {
        values.contains { $0.lowercased() == token }
    }

    /// 16 bytes in base64.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, key.hasSuffix("==") else { return false }
        return bytes.dropLast(2).allSatisfy(Base64.alphabet.contains)
    }

    static func acceptValue(for key: String) -> String {
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }
}

/// RFC 4648 section 4, as far as it is needed.
enum Base64 {
    static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group: UInt32 = 0
            for step in 0..<3 {
                group = group << 8 | (step < count ? UInt32(bytes[index + step]) : 0)
            }
            for step in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * step)) & 63
                text.append(step <= count ? alphabet[digit] : UInt8(ascii: "="))
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}
