/// Names one request, or one frame of a socket, in the log and in answers over HTTP.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    /// What the client has named it; `nil` where it is numbered here.
    private var given: String?
    private var connection: UInt64
    private var number: UInt32

    /// - Parameters:
    ///   - given: the client's name for it, if that is well-formed.
    ///   - connection: of the connection, unique in this process.
    ///   - number: of the request among those of the connection.
    package init(given: String? = nil, connection: UInt64, number: UInt32) {
        self.given = given
        self.connection = connection
        self.number = number
    }

    /// The values of `X-Request-Id`: one that a log can bear, or `nil`.
    package static func accepted(_ values: [String]) -> String? {
        guard values.count == 1, let value = values.first, 1...64 ~= value.utf8.count,
            value.utf8.allSatisfy(isPlain)
        else { return nil }
        return value
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Another one in each process, so that numbers of two runs are not mixed up.
    private static let run: String = {
        var hasher = Hasher()
        hasher.combine("requests")
        let digits = String(UInt32(truncatingIfNeeded: hasher.finalize()), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }()

    package var description: String { given ?? "\(Self.run)-\(connection)-\(number)" }
}
