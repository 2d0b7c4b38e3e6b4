package import MartletStore

/// The last word of a peer that goes no further: why, and which term it goes by.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason; numbers are part of the protocol.
    package enum Code: UInt8, Sendable, Equatable {
        /// Another version of the protocol.
        case version = 1
        /// Another store.
        case wrongStore = 2
        /// The peer's term is older than one that was promised.
        case staleTerm = 3
        /// The peer's term has the promised epoch, and is none of those that were promised.
        case otherTerm = 4
        /// What the peer says cannot be, or contradicts what it said before.
        case contradiction = 5
        /// Bytes that are no frame.
        case badFrame = 6
        /// A batch names a tree that no catalog brought.
        case unknownTree = 7
        /// The certificate's name is not the follower's.
        case notAllowed = 8
        /// Too much is under way; try again later.
        case busy = 9
        /// The peer stops, or begins anew: connect again.
        case restarting = 10
        /// The store here has failed, and only an operator helps.
        case failed = 11
        /// Nothing came for too long.
        case silent = 12
    }

    package var code: Code
    /// The highest term that the sender goes by.
    package var term: TermID
    /// For people, at most 512 bytes.
    package var message: String

    package init(_ code: Code, _ term: TermID, _ message: String) {
        self.code = code
        self.term = term
        self.message = message
    }

    package var description: String { "\(code) (term \(term)): \(message)" }
}

extension FieldEncoder {
    mutating func put(_ refusal: Refusal) {
        put(refusal.code.rawValue)
        put(refusal.term)
        put(refusal.message, limit: 512)
    }
}

extension FieldDecoder {
    mutating func refusal() throws(FrameError) -> Refusal {
        let raw = try number(UInt8.self)
        guard let code = Refusal.Code(rawValue: raw) else {
            throw FrameError(.malformed, "refusal \(raw) is not known")
        }
        return Refusal(code, try termID(), try text(limit: 512))
    }
}
