package import NIOCore
package import NIOHTTP1

/// A request to `/v1/call` or `/v1/poll`, read and checked. No I/O.
package enum DoorRequest: Equatable {
    case call(ClientFrame, token: String?)
    case poll(PollRequest)

    /// The two paths.
    package enum Path: Sendable {
        case call, poll

        package init?(_ path: Substring) {
            switch path {
            case "/v1/call": self = .call
            case "/v1/poll": self = .poll
            default: return nil
            }
        }
    }

    /// Seconds that a poll may wait at most.
    static let longestPoll: UInt64 = 50

    /// Checks the head, before the body has come.
    package static func check(
        _ head: HTTPRequestHead, allowedOrigins: Set<String>
    ) throws(HTTPRefusal) {
        if CrossOrigin.isPreflight(head) {
            return try OriginCheck.check(head, allowed: allowedOrigins)
        }
        guard head.method == .POST else {
            throw HTTPRefusal(.methodNotAllowed, "POST only", ["Allow": "POST"])
        }
        let types = head.headers["content-type"]
        let isJSON = types.allSatisfy { type in
            let name = type.prefix { $0 != ";" && $0 != " " }
            return name.lowercased() == "application/json"
        }
        guard isJSON, types.count <= 1 else {
            throw HTTPRefusal(.unsupportedMediaType, "application/json only")
        }
        try OriginCheck.check(head, allowed: allowedOrigins)
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            length > ProtocolLimits.frameBytes
        {
            throw HTTPRefusal(.payloadTooLarge, "body over \(ProtocolLimits.frameBytes) bytes")
        }
    }

    /// Reads the body.
    /// - Parameter authorization: the values of that header.
    package init(
        _ path: Path, _ body: ByteBuffer, authorization: [String]
    ) throws(FrameFault) {
        switch path {
        case .call:
            let frame = try body.withUnsafeReadableBytes { bytes throws(FrameFault) in
                try ClientFrame(parsing: bytes)
            }
            guard CallMachine.serves(frame.request) else {
                throw FrameFault(kind: .badRequest, message: "on a socket only", id: frame.id)
            }
            let token = Self.token(authorization)
            guard CallMachine.needsToken(frame.request) else {
                self = .call(frame, token: nil)
                return
            }
            guard let token else { throw Self.noToken(frame.id) }
            self = .call(frame, token: token)
        case .poll:
            let fields = try body.withUnsafeReadableBytes { bytes throws(FrameFault) in
                try VerbFields(parsing: bytes)
            }
            let timeout = try fields.integer(ifPresent: "timeout") ?? 0
            let epoch = try fields.epoch("epoch")
            let seq = try fields.integer("seq")
            let limit = try fields.limit(else: ProtocolLimits.page)
            guard let token = Self.token(authorization) else { throw Self.noToken(nil) }
            self = .poll(
                PollRequest(
                    token: token, epoch: epoch, seq: seq, limit: limit,
                    timeoutSeconds: Int(min(timeout, Self.longestPoll))))
        }
    }

    private static func noToken(_ id: String?) -> FrameFault {
        FrameFault(kind: .noToken, message: "Authorization: Bearer is missing", id: id)
    }

    /// The token of RFC 6750's header; nil if there is none, or not exactly one.
    static func token(_ authorization: [String]) -> String? {
        guard authorization.count == 1, let value = authorization.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            1...ProtocolLimits.tokenBytes ~= parts[1].utf8.count,
            parts[1].utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        return String(parts[1])
    }
}
