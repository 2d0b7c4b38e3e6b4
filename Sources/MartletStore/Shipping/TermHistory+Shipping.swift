extension TermHistory {
    /// The terms that a follower must begin before it is sent the record behind `end`, oldest
    /// first: those behind `current` that begin there. Some have no record at all.
    public func terms(after current: TermID?, behind end: UInt64) -> [Term] {
        let index = current.flatMap { id in terms.firstIndex { $0.id == id } }
        return terms[(index.map { $0 + 1 } ?? 0)...].filter { $0.firstSequence == end + 1 }
    }

    /// Where the stretch ends that has the record behind `end`: the first sequence of a later term;
    /// `nil` in the last one.
    public func boundary(behind end: UInt64) -> UInt64? {
        terms.first { $0.firstSequence > end + 1 }?.firstSequence
    }
}
