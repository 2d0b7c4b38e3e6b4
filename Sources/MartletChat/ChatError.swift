import MartletStore

/// Why a chat call was refused or failed. `code` is API and stays; `message` is for people.
public struct ChatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure. New codes may appear in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's stable name, as the protocol sends it.
        public let description: String
        /// The number of the like HTTP status.
        public let status: Int

        /// An argument is outside of what is documented.
        public static let badRequest = Code(description: "bad_request", status: 400)
        /// No valid token, or a wrong name or password.
        public static let unauthorized = Code(description: "unauthorized", status: 401)
        /// Known, but not allowed.
        public static let forbidden = Code(description: "forbidden", status: 403)
        /// No such user.
        public static let notFound = Code(description: "not_found", status: 404)
        /// The name belongs to another account.
        public static let nameTaken = Code(description: "name_taken", status: 409)
        /// The time in which it was allowed is over.
        public static let tooLate = Code(description: "too_late", status: 403)
        /// It cannot be so beside what is there already.
        public static let conflict = Code(description: "conflict", status: 409)
        /// The text is too long.
        public static let tooLarge = Code(description: "too_large", status: 413)
        /// A queue is full; try again after the delay.
        public static let tooMany = Code(description: "too_many", status: 429)
        /// This server takes no writes: its store is another one's copy.
        public static let readOnly = Code(description: "read_only", status: 503)
        /// A fault of the server. A send may have been stored: repeat it.
        public static let `internal` = Code(description: "internal", status: 500)
        /// The store cannot read or write now. A send may have been stored: repeat it.
        public static let unavailable = Code(description: "unavailable", status: 503)
        /// It is on this server's disk, and too few followers have it yet: whether it counts is
        /// not known. A repeat of a send waits with it, and one message comes out.
        public static let indefinite = Code(description: "indefinite", status: 504)
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in words, without secrets.
    public let message: String
    /// Milliseconds after which to try again, where trying again makes sense.
    public let retryAfterMilliseconds: Int?
    /// Whether the send is put aside durably: the server stores it as soon as it can, whether or
    /// not it is repeated.
    public var isKept = false

    /// An error with a code, words, and a delay where it is retryable.
    public init(_ code: Code, _ message: String, retryAfterMilliseconds: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// What a failure of the store means to a caller of the chat.
    init(_ error: StoreError) {
        switch error.code {
        case .noSpace:
            self.init(.unavailable, "the disk is full", retryAfterMilliseconds: 5_000)
        case .corruption:
            self.init(.internal, "stored bytes are damaged")
        case .fenced:
            self = .readOnly
        case .unavailable:
            self.init(.unavailable, error.message, retryAfterMilliseconds: 5_000)
        case .closed, .poisoned, .io:
            self.init(.unavailable, "the store is not writable", retryAfterMilliseconds: 5_000)
        case .indefinite: self = .indefinite
        default:
            self.init(.internal, "the store refused: \(error.code)")
        }
    }

    static let readOnly = ChatError(
        .readOnly, "another server takes the writes", retryAfterMilliseconds: 1_000)

    static let behind = ChatError(
        .unavailable, "this server has not got so far yet", retryAfterMilliseconds: 1_000)

    static let indefinite = ChatError(
        .indefinite, "too few followers have it yet", retryAfterMilliseconds: 1_000)
    static let busy = ChatError(
        .tooMany, "too many requests wait already", retryAfterMilliseconds: 250)

    /// `code: message`.
    public var description: String { "\(code): \(message)" }
}
