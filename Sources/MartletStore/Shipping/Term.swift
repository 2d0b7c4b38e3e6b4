/// A stretch of the log that one writer wrote: from its opening of the store, or its promotion, to
/// the next one's.
///
/// Two records with the same sequence are the same record if the same term wrote them, and then all
/// before them are the same too (log matching, Ongaro and Ousterhout, "In Search of an
/// Understandable Consensus Algorithm", 2014, 5.3). The number of an epoch alone does not tell: two
/// stores may be promoted to the same one, and a writer whose machine lost power may write a
/// sequence a second time.
public struct Term: Sendable, Hashable {
    /// The store's epoch: raised by a restore and a promotion, never by a restart.
    public var epoch: UInt32
    /// A random number that no other term has; 0 in stores from before there were terms.
    public var incarnation: UInt64
    /// The sequence of the term's first record.
    public var firstSequence: UInt64
    /// Whether all that readers saw in the term before is in the log before `firstSequence`, so
    /// that cursors into it still hold.
    public var keepsCursors: Bool

    /// A term with all of its parts.
    public init(epoch: UInt32, incarnation: UInt64, firstSequence: UInt64, keepsCursors: Bool) {
        self.epoch = epoch
        self.incarnation = incarnation
        self.firstSequence = firstSequence
        self.keepsCursors = keepsCursors
    }

    /// Whether both name the same stretch, which then must agree in all else.
    public func isSame(as other: Term) -> Bool {
        epoch == other.epoch && incarnation == other.incarnation
    }
}
