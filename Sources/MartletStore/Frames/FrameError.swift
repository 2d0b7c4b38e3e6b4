/// Why bytes are no frame, or its fields not what they should be. Of a peer's connection nothing
/// but its end follows from it.
package struct FrameError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with them.
    package enum Kind: Sendable, Equatable {
        /// The checksum does not match: damaged, cut, or not the frame whose turn it was.
        case checksum
        /// Longer than a frame may be there.
        case oversized
        /// A type of frame that is not known.
        case unknownType
        /// The body is not what its type says.
        case malformed
        /// Something that a later version may know.
        case unsupported
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

extension StoreError {
    /// The same of a file's bytes.
    package init(_ error: FrameError) {
        self.init(error.kind == .unsupported ? .unsupported : .corruption, error.message)
    }
}
