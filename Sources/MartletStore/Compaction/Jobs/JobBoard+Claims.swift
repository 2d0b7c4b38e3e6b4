extension JobBoard {
    /// What a claimant is given.
    package struct Offer: Sendable, Equatable {
        package var job: CompactionJob
        package var token: UInt64
        package var progress: JobProgress

        package init(job: CompactionJob, token: UInt64, progress: JobProgress) {
            self.job = job
            self.token = token
            self.progress = progress
        }
    }

    /// A daemon has come. `id` is not 0 and was never given before.
    package mutating func attach(_ id: UInt64, _ daemon: Daemon) {
        daemons[id] = daemon
    }

    /// A daemon has gone: its claims are free at once.
    package mutating func detach(_ id: UInt64, now: UInt64) {
        guard daemons.removeValue(forKey: id) != nil else { return }
        for index in entries.indices where entries[index].claim?.daemon == id {
            endClaim(index, now: now)
        }
    }

    /// Gives the daemon a job that fits into `memory` bytes, if there is one.
    package mutating func claim(
        by daemon: UInt64, memory: UInt64, token: UInt64, now: UInt64
    ) -> Offer? {
        guard daemons[daemon]?.isTrusted == true else { return nil }
        let index = entries.firstIndex {
            $0.state == .submitted && !$0.isServersOwn && $0.job.estimatedMemory <= memory
        }
        guard let index else { return nil }
        begin(index, daemon: daemon, token: token, now: now)
        return Offer(
            job: entries[index].job, token: token, progress: entries[index].progress)
    }

    mutating func begin(_ index: Int, daemon: UInt64, token: UInt64, now: UInt64) {
        entries[index].state = .claimed
        entries[index].claims += 1
        entries[index].claim = Claim(
            daemon: daemon, token: token, heardAt: now, movedAt: now)
    }

    /// The claimant lives, and has read and written `bytes` so far.
    package mutating func heard(
        _ job: UInt64, token: UInt64, bytes: UInt64, now: UInt64
    ) throws(JobRefusal) {
        let index = try claimed(job, token)
        entries[index].state = .running
        entries[index].claim?.heardAt = now
        if bytes > entries[index].claim?.bytes ?? 0 {
            entries[index].claim?.bytes = bytes
            entries[index].claim?.movedAt = now
        }
    }

    /// The claimant has finished the job's next table; the rest begins at `rest`.
    package mutating func finished(
        _ table: TableMetadata, of job: UInt64, token: UInt64, rest: [UInt8], now: UInt64
    ) throws(JobRefusal) {
        let index = try claimed(job, token)
        guard isNext(table, rest, of: entries[index]) else {
            counts.refusals += 1
            throw .wrongTable
        }
        guard let claim = entries[index].claim else { throw .staleClaim }
        entries[index].outputs.append(
            Output(table: table, daemon: claim.daemon, token: token, rest: rest))
        entries[index].state = .running
        entries[index].claim?.heardAt = now
        entries[index].claim?.movedAt = now
        daemons[claim.daemon]?.tables += 1
        daemons[claim.daemon]?.bytes += table.size
    }

    /// All that can be told without a look at the file.
    private func isNext(_ table: TableMetadata, _ rest: [UInt8], of entry: Entry) -> Bool {
        let (job, progress) = (entry.job, entry.progress)
        guard !progress.isComplete(job), progress.tables < job.outputs.count else { return false }
        let identity = job.outputs[progress.tables]
        guard table.number == identity.number, table.tableID == identity.id,
            table.tree == job.family.id, table.level == job.outputLevel
        else { return false }
        let isEnd = rest == job.rows.end
        // The last number must take all that is left.
        if progress.tables + 1 == job.outputs.count, !isEnd { return false }
        if !isEnd {
            guard progress.rest.lexicographicallyPrecedes(rest), job.rows.contains(rest) else {
                return false
            }
        }
        let part = RowRange(start: progress.rest, end: rest)
        return part.holds(table)
    }

    /// The claimant has told all tables of the job.
    package mutating func written(
        _ job: UInt64, token: UInt64, now: UInt64
    ) throws(JobRefusal) {
        let index = try claimed(job, token)
        entries[index].state = .written
        entries[index].claim = nil
        lastMove = now
    }

    /// The claimant gives the job back; what it has finished stays.
    package mutating func release(
        _ job: UInt64, token: UInt64, now: UInt64
    ) throws(JobRefusal) {
        endClaim(try claimed(job, token), now: now)
    }

    /// The claimant cannot do it. The server tries itself.
    package mutating func failed(
        _ job: UInt64, token: UInt64, now: UInt64
    ) throws(JobRefusal) {
        let index = try claimed(job, token)
        endClaim(index, now: now)
        entries[index].isServersOwn = true
    }

    /// Ends the claims of those that are not heard of, or whose work stands still.
    package mutating func expire(now: UInt64) {
        for index in entries.indices {
            guard let claim = entries[index].claim, claim.daemon > 0,
                end(of: claim) <= now
            else { continue }
            counts.expired += 1
            endClaim(index, now: now)
        }
    }

    /// When the claim ends if nothing more is heard.
    func end(of claim: Claim) -> UInt64 {
        min(claim.heardAt + settings.lease, claim.movedAt + settings.stall)
    }

    mutating func endClaim(_ index: Int, now: UInt64) {
        entries[index].claim = nil
        entries[index].state = .submitted
        entries[index].freeSince = now
        lastMove = now
        if entries[index].claims >= settings.claimsMax { entries[index].isServersOwn = true }
        hasNews = true
    }

    private mutating func claimed(
        _ job: UInt64, _ token: UInt64
    ) throws(JobRefusal) -> Int {
        guard let index = index(of: job) else {
            counts.refusals += 1
            throw .unknownJob
        }
        guard entries[index].claim?.token == token else {
            counts.refusals += 1
            throw .staleClaim
        }
        return index
    }
}

extension RowRange {
    /// Whether a table's bounds lie here. A range tombstone may reach up to the range's end.
    func holds(_ table: TableMetadata) -> Bool {
        if table.smallestRow.lexicographicallyPrecedes(start) { return false }
        if end.isEmpty { return true }
        if table.largestRow.isEmpty { return false }
        return table.largestRow.lexicographicallyPrecedes(end)
            || (table.largestRow == end && table.rangeTombstoneCount > 0)
    }
}
