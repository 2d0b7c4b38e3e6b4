/// What followers may count on when they ask whether clients' cursors survive them.
extension Store {
    /// How many followers have, at the least, what readers of this store were ever shown since
    /// followers were told so; 0 where nobody counts on it.
    package var readersWaitFor: Int { Int(standing.readersWaitFor) }

    /// From now on readers are shown nothing that fewer than `count` followers have on their disks.
    /// Durable on return: before a follower is told, and before a reader is shown less.
    ///
    /// Whoever raises it sees to it before: by asking `.replicated(count)` of all writes, and by
    /// waiting until followers have what an opening has found in the log. Lowering it begins a term
    /// with cursors of its own, since a follower that hears of it late, or never, may be promoted
    /// in the belief that nothing was shown without it. Lower it before anything is written. No
    /// effect if it is so already. Holds N9.
    ///
    /// - Throws: `.invalidArgument` unless `count` is 0 to 255; `.fenced` unless the store is a
    ///   primary; `.noSpace` (nothing has happened); `.io`, `.poisoned`, `.closed`.
    package func readersWait(for count: Int) throws(StoreError) {
        guard let number = UInt8(exactly: count) else {
            throw StoreError(.invalidArgument, "readers cannot wait for \(count) followers")
        }
        try requireWritable()
        try shipping.withLock { () throws(StoreError) in
            try standing.requirePrimary(directory)
            let next = lastLogged + 1
            let term = try manifestMonitor.withLock { () throws(StoreError) -> Term? in
                let state = manifest.state
                guard number != state.readersWaitFor else { return nil }
                var term: Term?
                if number < state.readersWaitFor {
                    term = Term(
                        epoch: state.epoch, incarnation: max(environment.random.next(), 1),
                        firstSequence: next, keepsCursors: false)
                }
                let begun = term.map { state.beginning($0) } ?? []
                try record(ManifestEdit(begun + [.readersWaitFor(number)]))
                standing.update(manifest.state)
                return term
            }
            if let term { replication.change { $0.begin(term.id) } }
        }
    }
}
