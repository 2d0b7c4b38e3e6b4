extension Store {
    /// The last sequence in the log; of a follower that is open, all of it is durable. Any thread.
    public var lastLogged: UInt64 {
        guard let log else { return visibleSequence }
        return log.end().end.nextSequence - 1
    }

    /// Writes what a primary has logged into this follower's log, with one sync, and applies it.
    ///
    /// Payloads, sequences and epochs stay as they are, so that the logs of both are the same
    /// record for record (N2). All or nothing of it is refused before anything is written. Blocks
    /// until the records are durable and visible; held back as a writer is while flushes lag.
    ///
    /// - Parameters:
    ///   - records: in order, all of one epoch.
    ///   - previous: the last sequence in front of them.
    ///   - term: the one that wrote them; it must have been begun here and be the last.
    /// - Returns: the last sequence that is durable now.
    /// - Throws: `.fenced` if the store is no follower or is in another term; `.invalidArgument`
    ///   for records that do not follow; `.notFound` for a batch that names an unknown family;
    ///   `.corruption` for one that cannot be decoded; `.noSpace`, `.busy` (nothing was written);
    ///   `.io`, `.poisoned`, `.closed`.
    public func appendShipped(
        _ records: [ShippedRecord], after previous: UInt64, in term: TermID
    ) throws(StoreError) -> UInt64 {
        try shipping.withLock { () throws(StoreError) -> UInt64 in
            let log = try requireFollower()
            let current = manifestMonitor.withLock { manifest.state.history.current }
            guard let current, current.id == term else {
                throw StoreError(
                    .fenced, "records of term \(term.epoch) in another term", path: directory)
            }
            let group = try ShippedGroup(
                records, after: previous, log: log, term: current,
                trees: currentCatalog.trees.count)
            guard !records.isEmpty else { return log.nextSequence - 1 }
            try admitToMemory(bytes: group.bytes)
            try write(group, to: log)
            try apply(group, loggedIn: log.currentSegment)
            pipeline?.goOn(behind: group.last, timestamp: group.lastTimestamp)
            return group.last
        }
    }

    private func write(_ group: ShippedGroup, to log: LogWriter) throws(StoreError) {
        do throws(StoreError) {
            try log.raise(epoch: group.epoch)
            try log.begin(records: group.records.count, payloadBytes: group.bytes)
            for record in group.records {
                guard record.kind == .batch, let next = record.nextSequence else {
                    try log.addGap(upTo: record.sequence)
                    continue
                }
                try record.payload.span.bytes.withUnsafeBytes { payload throws(StoreError) in
                    try log.add(
                        sequence: record.sequence, count: next - record.sequence, head: payload)
                }
            }
            try log.write()
            try log.sync()
        } catch {
            // Refused for want of space, before anything was written, the log is as it was.
            if !error.isRetryable { poison(error) }
            throw error
        }
        replication.appended(log)
    }

    private func apply(_ group: ShippedGroup, loggedIn segment: UInt64) throws(StoreError) {
        let trees = currentCatalog.trees
        let now = environment.clock.monotonicNanoseconds()
        do throws(StoreError) {
            let froze = try applyLock.withLock { () throws(StoreError) -> Bool in
                var froze = false
                for record in group.records where record.kind == .batch {
                    try record.forEachMutation { tree, mutation in
                        if trees[tree].apply(mutation, loggedIn: segment, now: now) {
                            froze = true
                        }
                    }
                }
                makeVisible(max(group.last, visibleSequence))
                return froze
            }
            if froze { memtableWasFrozen() }
        } catch {
            poison(error)
            throw error
        }
    }

    /// Begins a term of the primary that this follower has: durable on return, before any record
    /// of it is logged. No effect if it is the last one already. Holds N1, N2.
    ///
    /// - Throws: `.fenced` if the store is no follower, or has promised a higher epoch;
    ///   `.invalidArgument` if the term does not begin where the log ends, or goes back; `.noSpace`
    ///   (nothing has happened); `.io`, `.poisoned`, `.closed`.
    public func beginTerm(_ term: Term) throws(StoreError) {
        try shipping.withLock { () throws(StoreError) in
            let log = try requireFollower()
            try manifestMonitor.withLock { () throws(StoreError) in
                let state = manifest.state
                if state.history.current == term { return }
                guard term.firstSequence == log.nextSequence else {
                    throw StoreError(
                        .invalidArgument,
                        "a term begins at \(term.firstSequence), the log ends at "
                            + "\(log.nextSequence - 1)", path: directory)
                }
                var history = state.history
                do throws(StoreError) {
                    try history.begin(term)
                } catch {
                    throw StoreError(.invalidArgument, error.message, path: directory)
                }
                let isPromised = term.epoch <= state.promise.epoch
                let promise = isPromised ? [] : [ManifestEdit.Field.promise(term.id)]
                try record(ManifestEdit(state.beginning(term) + promise))
                standing.update(manifest.state)
            }
        }
    }

    /// Promises to act on nothing of a lower epoch than the last one of `history`, durably on
    /// return: before a peer with that history is answered. Holds N1, N6.
    ///
    /// - Throws: `.fenced` where another promise forbids it (`TermID.allows`); `.noSpace`, `.io`,
    ///   `.poisoned`, `.closed`.
    public func promise(to history: TermHistory) throws(StoreError) {
        try requireWritable()
        try manifestMonitor.withLock { () throws(StoreError) in
            let promise = manifest.state.promise
            guard let id = history.current?.id, promise.allows(history) else {
                throw StoreError(
                    .fenced, "epoch \(promise.epoch) was promised to another", path: directory)
            }
            guard id != promise else { return }
            try record(ManifestEdit([.promise(id)]))
        }
    }

    /// The log of a follower that takes records. Holds: `shipping`.
    func requireFollower() throws(StoreError) -> LogWriter {
        try requireWritable()
        guard role == .follower, let log else {
            throw StoreError(.fenced, "the store is no follower", path: directory)
        }
        return log
    }
}

/// Records that may be appended: checked to their last byte before anything is written, since they
/// came from outside.
private struct ShippedGroup {
    let records: [ShippedRecord]
    let epoch: UInt32
    private(set) var last: UInt64
    private(set) var bytes = 0
    private(set) var lastTimestamp: UInt64 = 0

    init(
        _ records: [ShippedRecord], after previous: UInt64, log: LogWriter, term: Term,
        trees: Int
    ) throws(StoreError) {
        self.records = records
        epoch = records.first?.epoch ?? term.epoch
        last = log.nextSequence - 1
        guard previous == last else {
            throw Self.refused("records behind \(previous), and the log ends at \(last)")
        }
        // The first term of a store from before there were terms has records of older epochs.
        guard epoch == term.epoch || (term.incarnation == 0 && epoch < term.epoch),
            epoch >= log.epoch || records.isEmpty
        else { throw Self.refused("records of epoch \(epoch) in term \(term.epoch)") }
        for record in records { try take(record, trees) }
    }

    private mutating func take(_ record: ShippedRecord, _ trees: Int) throws(StoreError) {
        guard record.epoch == epoch else { throw Self.refused("records of two epochs") }
        if record.kind == .gap {
            guard record.sequence > last + 1, record.payload.isEmpty else {
                throw Self.refused("a gap up to \(record.sequence) behind \(last)")
            }
            last = record.sequence - 1
            return
        }
        guard record.sequence == last + 1 else {
            throw Self.refused("sequence \(record.sequence) behind \(last)")
        }
        guard record.payload.count <= BatchFormat.timestampSize + BatchFormat.byteCountMax else {
            throw Self.refused("a batch of \(record.payload.count) bytes")
        }
        var count: UInt64 = 0
        var unknown: Int?
        let timestamp = try record.forEachMutation { tree, _ in
            count += 1
            if tree >= trees { unknown = tree }
        }
        if let unknown { throw StoreError(.notFound, "a batch names the unknown tree \(unknown)") }
        guard count > 0 else { throw Self.refused("a batch without a mutation") }
        lastTimestamp = max(lastTimestamp, timestamp)
        bytes += record.payload.count
        last += count
    }

    private static func refused(_ what: String) -> StoreError {
        StoreError(.invalidArgument, "the follower was sent \(what)")
    }
}

extension ShippedRecord {
    /// Decodes a batch to its end; the store's timestamp of it.
    @discardableResult
    func forEachMutation(_ body: (Int, Mutation) -> Void) throws(StoreError) -> UInt64 {
        try payload.span.bytes.withUnsafeBytes { payload throws(StoreError) in
            var decoder = try BatchDecoder(payload: payload, firstSequence: sequence)
            while let mutation = try decoder.next() { body(Int(decoder.tree), mutation) }
            return decoder.storeTimestamp
        }
    }
}
