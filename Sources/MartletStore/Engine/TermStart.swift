/// Begins a term, durably, where an opening for writing must: behind a log that was left open,
/// which a follower may have more of than was recovered here, and in an epoch that has none yet.
///
/// Only a primary begins terms by being opened. Holds N2.
struct TermStart {
    let manifest: Manifest
    let random: any RandomSource

    /// The log was left open; `next` is the sequence behind what was recovered, all of it durable.
    func logWasLeft(endingBefore next: UInt64) throws(StoreError) {
        guard manifest.state.role == .primary else { return }
        try begin(at: next)
    }

    /// The log is closed, and what is written from now on begins at `next`.
    func logIsReady(endingBefore next: UInt64) throws(StoreError) {
        let state = manifest.state
        guard state.role == .primary, state.epoch > state.history.current?.epoch ?? 0 else {
            return
        }
        try begin(at: next)
    }

    private func begin(at next: UInt64) throws(StoreError) {
        let state = manifest.state
        let term = Term(
            epoch: state.epoch, incarnation: max(random.next(), 1), firstSequence: next,
            keepsCursors: state.epoch == state.history.current?.epoch)
        try manifest.append(ManifestEdit(state.beginning(try state.history.continued(by: term))))
    }
}
