package import MartletChat

/// An `error` as it is told to the client.
package struct ErrorFrame: Sendable, Equatable {
    package var code: String
    package var status: Int
    package var message: String
    /// Milliseconds.
    package var retryAfter: UInt64?
    /// Whether the send is put aside, and stored as soon as that can be.
    package var isKept = false

    init(_ code: String, _ status: Int, _ message: String, retryAfter: UInt64? = nil) {
        self.code = code
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
    }

    package init(_ fault: FrameFault) {
        switch fault.kind {
        case .notUTF8, .malformed: self.init("malformed", 400, fault.message)
        case .unknownVerb: self.init("unknown_verb", 400, fault.message)
        case .badRequest: self.init("bad_request", 400, fault.message)
        case .noToken: self.init("unauthorized", 401, fault.message)
        case .tooLarge: self.init("too_large", 413, fault.message)
        }
    }

    package init(_ error: ChatError) {
        self.init(
            error.code.description, error.code.status, error.message,
            retryAfter: error.retryAfterMilliseconds.map { UInt64(max(0, $0)) })
        isKept = error.isKept
    }

    /// Whether who asks should rather ask another server.
    var isReadOnly: Bool { code == ChatError.Code.readOnly.description }

    static let unauthorized = ErrorFrame("unauthorized", 401, "not authenticated")
    static let tooManyOpen = ErrorFrame("too_many", 429, "too many open requests", retryAfter: 500)
    static let notRead = ErrorFrame(
        "unavailable", 503, "ended before anything was read", retryAfter: 500)
    static let draining = ErrorFrame("unavailable", 503, "the server stops", retryAfter: 2000)

    /// - Parameter wait: milliseconds.
    static func tooMany(_ wait: UInt64) -> ErrorFrame {
        ErrorFrame("too_many", 429, "slow down", retryAfter: wait)
    }

    static func badRequest(_ message: String) -> ErrorFrame {
        ErrorFrame("bad_request", 400, message)
    }
}
