/// What went wrong in the store, and what a caller may do about it.
///
/// The `code` is API and stays; the `message` is for people and may change.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. New codes may appear in later versions.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name, as the dump tool and the logs print it.
        public let description: String

        /// The store was closed.
        public static let closed = Code(description: "closed")
        /// A log or manifest write or sync failed: writes are refused until the store is reopened.
        public static let poisoned = Code(description: "poisoned")
        /// Bytes on disk are not what was written.
        public static let corruption = Code(description: "corruption")
        /// The operating system refused or failed an operation.
        public static let io = Code(description: "io")
        /// The disk is full, or would be. Writes work again by themselves when there is room.
        public static let noSpace = Code(description: "noSpace")
        /// Another process has the store open.
        public static let locked = Code(description: "locked")
        /// The call's arguments are outside of what is documented.
        public static let invalidArgument = Code(description: "invalidArgument")
        /// The table, family or file does not exist.
        public static let notFound = Code(description: "notFound")
        /// The table or family exists already.
        public static let alreadyExists = Code(description: "alreadyExists")
        /// Too much waits to be committed; the same write can succeed a moment later.
        public static let busy = Code(description: "busy")
        /// The store is a follower, or another one was promoted: this one takes no writes. Of a
        /// write that was under way the outcome is decided by the other.
        public static let fenced = Code(description: "fenced")
        /// The write is logged and waits for followers: whether it counts is not known yet.
        public static let indefinite = Code(description: "indefinite")
        /// Fewer followers are attached than the write asks for; nothing was written.
        public static let unavailable = Code(description: "unavailable")
        /// The log does not reach back so far: only a copy of the whole store helps.
        public static let gone = Code(description: "gone")
        /// The store's format or the asked feature is not supported by this build.
        public static let unsupported = Code(description: "unsupported")
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in words, without secrets.
    public let message: String
    /// The file concerned, where one is.
    public let path: String?
    /// The byte offset in `path`, where one is known.
    public let offset: UInt64?

    /// Whether the same call can succeed later without anybody's intervention on the store.
    public var isRetryable: Bool { [.noSpace, .busy, .unavailable].contains(code) }

    /// `code: message (path at offset)`.
    public var description: String { "\(code): \(messageAndPlace)" }

    /// As `description`, without the code.
    package var messageAndPlace: String {
        guard let path else { return message }
        return message + (offset.map { " (\(path) at \($0))" } ?? " (\(path))")
    }

    package init(_ code: Code, _ message: String, path: String? = nil, offset: UInt64? = nil) {
        self.code = code
        self.message = message
        self.path = path
        self.offset = offset
    }
}
