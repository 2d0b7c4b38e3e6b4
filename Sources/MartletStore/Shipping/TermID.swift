/// Names a term: no two have both numbers in common.
///
/// A store keeps durably the greatest one that it has promised to follow. It never goes back to a
/// lower epoch, and of two terms with the same epoch it follows the one that it heard of first, or
/// one that goes on from it. Holds N1, N6.
public struct TermID: Sendable, Hashable {
    /// The term's epoch.
    public var epoch: UInt32
    /// The term's incarnation.
    public var incarnation: UInt64

    /// The name of a term.
    public init(epoch: UInt32, incarnation: UInt64) {
        self.epoch = epoch
        self.incarnation = incarnation
    }

    /// Whether who has promised this term may follow a peer with `history`: one of a higher epoch,
    /// or one whose log has this very term in it.
    public func allows(_ history: TermHistory) -> Bool {
        guard let current = history.current else { return false }
        if current.epoch != epoch { return current.epoch > epoch }
        return history.terms.contains { $0.id == self }
    }
}

extension Term {
    /// The term's name.
    public var id: TermID { TermID(epoch: epoch, incarnation: incarnation) }
}
