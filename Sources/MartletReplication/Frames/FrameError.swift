/// Why bytes of a peer were refused. The connection is closed then; nothing else is touched.
package struct FrameError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with them.
    package enum Kind: Sendable, Equatable {
        /// The checksum does not match: damaged, cut, or not the frame whose turn it was.
        case checksum
        /// Longer than a frame of this lane may be.
        case oversized
        /// A type that this lane does not have.
        case unknownType
        /// The body is not what its type says.
        case malformed
    }

    package let kind: Kind
    /// What exactly, in words.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { "\(kind): \(message)" }
}
