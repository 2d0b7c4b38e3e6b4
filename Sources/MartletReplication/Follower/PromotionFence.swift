package import MartletStore

/// The round before a promotion: enough others promise the new term first, and none of them has
/// more. A state machine without I/O. Holds N3.
package struct PromotionFence: Sendable, Equatable {
    /// Where the round stands.
    package enum Outcome: Sendable, Equatable {
        /// So many promises are missing.
        case waiting(Int)
        /// The store may be promoted.
        case won
        /// One that promised has more than this store: it is to be promoted in place of it.
        case behind(PromiseAnswer)
        /// One has promised a higher term already.
        case outbid(TermID)
    }

    package let term: TermID
    private let needed: Int
    private let history: TermHistory
    private let lastSequence: UInt64
    private var promised: Set<UInt64> = []
    private var lost: Outcome?

    /// - Parameters:
    ///   - term: the one that this store has promised itself, above all that it knows.
    ///   - needed: how many others must promise it.
    package init(
        term: TermID, needed: Int, history: TermHistory, lastSequence: UInt64
    ) {
        self.term = term
        self.needed = needed
        self.history = history
        self.lastSequence = lastSequence
    }

    /// Where the round stands.
    package var outcome: Outcome {
        lost ?? (promised.count >= needed ? .won : .waiting(needed - promised.count))
    }

    /// A follower answered the fence.
    package mutating func receive(_ answer: PromiseAnswer, from follower: UInt64) -> Outcome {
        guard lost == nil else { return outcome }
        guard answer.term == term else {
            if answer.term.epoch >= term.epoch { lost = .outbid(answer.term) }
            return outcome
        }
        promised.insert(follower)
        if hasMore(answer) { lost = .behind(answer) }
        return outcome
    }

    /// Whether the other log is the one to go on from. The epoch and the length alone do not tell:
    /// a primary that lost power writes on in the same epoch with a new incarnation, and a longer
    /// log of the old one has less of what was acknowledged.
    private func hasMore(_ answer: PromiseAnswer) -> Bool {
        let (ours, theirs) = (history.currentID, answer.history.currentID)
        if theirs == ours { return answer.lastSequence > lastSequence }
        if theirs.epoch != ours.epoch { return theirs.epoch > ours.epoch }
        // Two lines of one epoch: neither may win by itself.
        return !history.contains(theirs)
    }

    /// A follower refused, and by which term it goes.
    package mutating func receive(_ refusal: Refusal) -> Outcome {
        if lost == nil, refusal.code == .staleTerm, refusal.term.epoch >= term.epoch,
            refusal.term != term
        {
            lost = .outbid(refusal.term)
        }
        return outcome
    }
}
