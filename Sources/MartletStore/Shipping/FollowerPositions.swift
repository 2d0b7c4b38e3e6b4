/// How far each follower has the log on its disk, and what that allows: a state machine without
/// locks or I/O.
///
/// Only positions in the term that is written now count: a follower may have the sequences of an
/// older one with other records in them, which it will cut. Holds N3, N5.
struct FollowerPositions: Sendable {
    /// What is to become of a logged group.
    enum Verdict: Equatable {
        /// It is durable where it has to be.
        case applies
        /// It waits.
        case undecided
        /// Whoever was promoted decides what became of it.
        case fenced
    }

    private var term: TermID?
    /// By follower, of those that have reported in this term: what is durable stays so when they
    /// are gone.
    private var durable: [String: UInt64] = [:]
    private(set) var attached: Set<String> = []
    /// Names by follower, of those that are expected: for whoever must say who is missing.
    private var names: [String: String] = [:]
    private(set) var isFenced = false

    /// Positions count in `term` from now on; none is known yet.
    mutating func begin(_ term: TermID?) {
        self.term = term
        durable.removeAll()
    }

    mutating func attach(_ follower: String) { attached.insert(follower) }

    mutating func detach(_ follower: String) { attached.remove(follower) }

    mutating func expect(_ names: [String: String]) { self.names = names }

    /// The names of those that are expected and not attached, in their order.
    var missing: [String] { names.filter { !attached.contains($0.key) }.values.sorted() }

    /// A follower has all up to `sequence` on its disk. It may be less than before: a follower that
    /// was seeded anew. False if the report is of another term, and counts for nothing.
    mutating func report(_ follower: String, in term: TermID, upTo sequence: UInt64) -> Bool {
        guard term == self.term, !isFenced else { return false }
        durable[follower] = sequence
        return true
    }

    /// From now on nothing is decided here any more.
    mutating func fence() { isFenced = true }

    /// Writes are decided here, as a primary does.
    mutating func lead(_ term: TermID?) {
        begin(term)
        isFenced = false
    }

    /// The last sequence that at least `count` followers have; `.max` for none.
    func sequence(durableAt count: Int) -> UInt64 {
        if count <= 0 { return .max }
        guard durable.count >= count else { return 0 }
        return durable.values.sorted(by: >)[count - 1]
    }

    /// What is to become of a group that ends in `sequence` and needs `count` followers.
    func verdict(upTo sequence: UInt64, at count: Int) -> Verdict {
        if isFenced { return .fenced }
        return self.sequence(durableAt: count) >= sequence ? .applies : .undecided
    }
}
