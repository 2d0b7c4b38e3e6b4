package import MartletStore

/// Whom a promise lets a follower follow. Both ends ask this one place. Holds N1 and N6.
package enum TermRule {
    /// What a promise says about a peer's history.
    package enum Verdict: Sendable, Equatable {
        /// The peer may lead; its current term is to be promised first where it is another one.
        case mayLead
        /// The peer's current term is older than the promise.
        case isStale
        /// The peer's term has the promised epoch, but the promised term is none of its own: two
        /// were promoted to one epoch, and the other one was promised first.
        case isOther
    }

    /// - Complexity: linear in the terms kept.
    package static func judge(_ history: TermHistory, against promise: TermID) -> Verdict {
        let current = history.currentID
        if current.epoch > promise.epoch { return .mayLead }
        if current.epoch < promise.epoch { return .isStale }
        return promise == current || history.contains(promise) ? .mayLead : .isOther
    }

    /// The refusal that a verdict stands for; `nil` for none.
    package static func refusal(
        _ history: TermHistory, against promise: TermID
    ) -> Refusal? {
        switch judge(history, against: promise) {
        case .mayLead: nil
        case .isStale:
            Refusal(.staleTerm, promise, "term \(history.currentID) is below the promise")
        case .isOther:
            Refusal(
                .otherTerm, promise, "term \(history.currentID) is not of the promised line")
        }
    }

    /// Whether `left` is to be followed rather than `right`. Of two of one epoch it is the one
    /// that knows the other's term.
    package static func isBetter(_ left: TermHistory, than right: TermHistory) -> Bool {
        if left.currentID.epoch != right.currentID.epoch {
            return left.currentID.epoch > right.currentID.epoch
        }
        return left.currentID != right.currentID && left.contains(right.currentID)
    }

    /// Whether a record of `epoch` can be of `term`: the one term of a store from before there were
    /// terms spans all of its epochs.
    package static func wrote(_ term: Term, epoch: UInt32) -> Bool {
        epoch == term.epoch || (term.incarnation == 0 && epoch < term.epoch)
    }

    /// The terms of `history` that a log of `known`, ending at `end`, has still to begin before
    /// its next record: those behind the last one both have, which begin right behind `end`.
    package static func nextTerms(
        of history: TermHistory, behind known: TermHistory, endingAt end: UInt64
    ) -> [Term] {
        let shared = known.terms.last { term in history.terms.contains { $0.isSame(as: term) } }
        guard let shared, let at = history.terms.firstIndex(where: { $0.isSame(as: shared) })
        else { return [] }
        return history.terms[(at + 1)...].filter { $0.firstSequence <= end + 1 }
    }
}
