/// What a primary is told of its followers. Calls that decide writes apply them on the calling
/// thread, and run their completions: not for event loops.
extension Store {
    /// A follower streams from here: writes may ask for its acknowledgement.
    package func attachFollower(_ follower: String) {
        replication.change { $0.attach(follower) }
    }

    /// A follower is gone. Writes that wait for it go on waiting.
    package func detachFollower(_ follower: String) {
        replication.change { $0.detach(follower) }
    }

    /// A follower has all up to `sequence` of `term` on its disk: applies and acknowledges what
    /// waited for that. Reports of another term than the one that is written count for nothing.
    /// Holds N3, N5.
    package func reportDurable(_ follower: String, in term: TermID, upTo sequence: UInt64) {
        let counts = replication.change { $0.report(follower, in: term, upTo: sequence) }
        if counts { pipeline?.settle() }
    }

    /// Log that is not needed here is kept from `sequence` on, the next one of the follower that is
    /// furthest behind, up to `StoreOptions.logRetainedBytes`; `.max` for none. Until it is called
    /// first, all that fits is kept.
    package func retainLog(from sequence: UInt64) throws(StoreError) {
        guard let log else { return }
        try log.retain(from: sequence)
    }

    /// Another store was promoted: writes are refused with `.fenced` from now on, and those that
    /// wait fail with it and are never applied here. Reads go on. Durable on return. No effect on
    /// a store that is none of the primaries any more, but for the promise. Holds N1, N6.
    ///
    /// - Throws: `.invalidArgument` for a term that is not above this store's; `.noSpace` (nothing
    ///   has happened), `.io`, `.poisoned`, `.closed`.
    public func depose(by term: TermID) throws(StoreError) {
        try requireWritable()
        try shipping.withLock { () throws(StoreError) in
            try manifestMonitor.withLock { () throws(StoreError) in
                let state = manifest.state
                let isPrimary = state.role == .primary
                guard term.epoch > state.promise.epoch || (!isPrimary && term == state.promise)
                else {
                    throw StoreError(
                        .invalidArgument,
                        "epoch \(term.epoch) is not above"
                            + " \(state.promise.epoch)", path: directory)
                }
                guard isPrimary || term != state.promise else { return }
                let role = isPrimary ? [ManifestEdit.Field.role(.deposed)] : []
                try record(ManifestEdit([.promise(term)] + role))
                standing.update(manifest.state)
            }
            if role == .deposed { replication.change { $0.fence() } }
        }
        pipeline?.settle()
    }

    /// Makes this follower the primary: begins a term of its own behind its log, durably, and takes
    /// writes from then on. Holds N1, N2.
    ///
    /// - Parameters:
    ///   - seen: the highest epoch that was met elsewhere.
    ///   - keepsCursors: whether readers were shown nothing that this store does not have.
    /// - Returns: the term.
    /// - Throws: `.fenced` if the store is no follower; `.noSpace` (nothing has happened);
    ///   `.unsupported` after the last epoch; `.io`, `.poisoned`, `.closed`.
    public func promote(
        above seen: UInt32 = 0, keepsCursors: Bool
    ) throws(StoreError) -> Term {
        try shipping.withLock { () throws(StoreError) -> Term in
            let log = try requireFollower()
            try requireSpaceToLead()
            let term = try manifestMonitor.withLock { () throws(StoreError) -> Term in
                let state = manifest.state
                let past = max(state.epoch, state.promise.epoch, seen)
                guard past < .max else {
                    throw StoreError(.unsupported, "the store has had every epoch that there is")
                }
                let term = try state.history.continued(
                    by: Term(
                        epoch: past + 1, incarnation: max(environment.random.next(), 1),
                        firstSequence: log.nextSequence, keepsCursors: keepsCursors))
                try record(ManifestEdit(state.beginning(term) + [.role(.primary)]))
                return term
            }
            do throws(StoreError) {
                try log.raise(epoch: term.epoch)
            } catch {
                // What is logged must be of the term: not before it is opened again.
                poison(error)
                throw error
            }
            pipeline?.goOn(behind: max(visibleSequence, term.firstSequence - 1), timestamp: 0)
            replication.change { $0.lead(term.id) }
            manifestMonitor.withLock { standing.update(manifest.state) }
            return term
        }
    }

    /// The next segment and an edit must have room before the store says that it is a primary.
    private func requireSpaceToLead() throws(StoreError) {
        let free = try environment.fileSystem.freeSpace(directory)
        guard free > UInt64(options.logSegmentSize) + (1 << 20) else {
            throw StoreError(.noSpace, "only \(free) bytes are free", path: directory)
        }
    }
}
