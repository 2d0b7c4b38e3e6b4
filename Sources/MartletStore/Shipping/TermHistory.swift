/// The terms of a log, oldest first: what tells up to where two logs are the same.
///
/// Keeping only the last epoch is unsafe (Neon RFC 013), and so is cutting by one's own commit mark
/// (Kafka's KIP-101): a log is cut by comparing histories, and by nothing else.
public struct TermHistory: Sendable, Hashable {
    /// Terms that are kept; older ones are forgotten, and a log that ends in one is seeded anew.
    public static let capacity = 1_024

    /// Ascending in epoch and first sequence; never two with the same epoch and incarnation.
    public private(set) var terms: [Term] = []

    /// No term: the history of nothing.
    public init() {}

    /// The history of `terms`, oldest first.
    ///
    /// - Throws: `.corruption` where terms go back.
    public init(_ terms: [Term]) throws(StoreError) {
        for term in terms { try begin(term) }
    }

    /// The term that is written in.
    public var current: Term? { terms.last }

    /// The number of clients' cursors: a cursor of this number holds, and no other one.
    ///
    /// It comes from the last term that does not keep the cursors of the one before: its epoch or,
    /// where that is the epoch of the one before too, 31 bits of its incarnation with the highest
    /// bit set. Another store's history that lacks that term has another number.
    public var cursorEpoch: UInt32 {
        guard let index = terms.lastIndex(where: { !$0.keepsCursors }) else {
            return terms.first?.epoch ?? 0
        }
        let term = terms[index]
        guard index > 0, terms[index - 1].epoch == term.epoch else { return term.epoch }
        return 1 << 31 | UInt32(truncatingIfNeeded: term.incarnation)
    }

    /// `term` as it may begin here: it keeps no cursors where their number would be another one
    /// with it. That is so when it makes this history forget the term that the number came from.
    func continued(by term: Term) throws(StoreError) -> Term {
        guard term.keepsCursors else { return term }
        var next = self
        try next.begin(term)
        guard next.cursorEpoch != cursorEpoch else { return term }
        var broken = term
        broken.keepsCursors = false
        return broken
    }

    /// Begins a term. No effect if it is the current one already.
    ///
    /// A term that begins where the one before began replaces nothing: a writer may open the store
    /// twice and write nothing.
    ///
    /// - Throws: `.corruption` if it goes back in epoch or sequence, or is there with another
    ///   start.
    public mutating func begin(_ term: Term) throws(StoreError) {
        if let last = terms.last {
            if last == term { return }
            guard term.epoch >= last.epoch, term.firstSequence >= last.firstSequence,
                !terms.contains(where: { $0.isSame(as: term) })
            else {
                throw StoreError(
                    .corruption,
                    "term \(term.epoch) at \(term.firstSequence) cannot follow term"
                        + " \(last.epoch) at \(last.firstSequence)")
            }
        }
        terms.append(term)
        if terms.count > Self.capacity { terms.removeFirst(terms.count - Self.capacity) }
    }

    /// Forgets the terms that begin behind `sequence`, as cutting the log there does: of those
    /// nothing is left.
    public mutating func cut(after sequence: UInt64) {
        while let last = terms.last, terms.count > 1, last.firstSequence > sequence {
            terms.removeLast()
        }
    }

    /// The last sequence up to which a log with this history, ending at `end`, and one with
    /// `other`, ending at `otherEnd`, hold the same records; `nil` if the histories have no term in
    /// common, or contradict each other.
    ///
    /// Both ends are last sequences, inclusive. Linear in the terms kept.
    public func commonEnd(
        endingAt end: UInt64, with other: TermHistory, endingAt otherEnd: UInt64
    ) -> UInt64? {
        for (index, term) in terms.enumerated().reversed() {
            guard let twin = other.terms.firstIndex(where: { $0.isSame(as: term) }) else {
                continue
            }
            guard other.terms[twin].firstSequence == term.firstSequence else { return nil }
            return min(
                lastSequence(ofTermAt: index, end), other.lastSequence(ofTermAt: twin, otherEnd))
        }
        return nil
    }

    private func lastSequence(ofTermAt index: Int, _ end: UInt64) -> UInt64 {
        index + 1 < terms.count ? min(end, terms[index + 1].firstSequence - 1) : end
    }
}
