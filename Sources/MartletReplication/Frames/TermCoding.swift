package import MartletStore

extension TermID {
    /// The term of nothing: below all.
    package static let zero = TermID(epoch: 0, incarnation: 0)

    package init(_ term: Term) { self = term.id }
}

extension TermHistory {
    /// Whether it holds the term.
    package func contains(_ id: TermID) -> Bool { terms.contains { TermID($0) == id } }

    /// The term that wrote `sequence`; `nil` below the first one kept.
    package func term(of sequence: UInt64) -> Term? {
        terms.last { $0.firstSequence <= sequence }
    }

    /// The current term's id.
    package var currentID: TermID { current.map(TermID.init) ?? .zero }

    /// Up to where a log with this history that ends at `end` is one with a log of `other` that
    /// has not ended yet. `nil` where they share no term.
    package func sharedEnd(endingAt end: UInt64, with other: TermHistory) -> UInt64? {
        commonEnd(endingAt: end, with: other, endingAt: .max)
    }
}

extension FieldEncoder {
    mutating func put(_ history: TermHistory) {
        put(UInt32(clamping: history.terms.count))
        for term in history.terms { put(term) }
    }
}

extension FieldDecoder {
    mutating func history() throws(FrameError) -> TermHistory {
        var terms: [Term] = []
        for _ in 0..<(try count(ofAtLeast: 21, max: TermHistory.capacity)) {
            terms.append(try term())
        }
        do {
            return try TermHistory(terms)
        } catch {
            throw FrameError(.malformed, "a history that goes back")
        }
    }
}
