extension JobBoard {
    /// What the store's compaction lane is to do next about its plan.
    package enum Step: Sendable {
        /// Nothing, for at most so many nanoseconds.
        case wait(UInt64)
        /// Read what was written of the job; then `accept` or `refuse`.
        case check(Entry)
        /// Run the job, or what is left of it, under the claim given; then `written`, or `end` the
        /// plan.
        case run(Entry)
        /// All is written and checked: commit it, then `end` the plan.
        case commit([Entry])
    }

    /// The lane's next step. Ends claims whose time is over.
    ///
    /// - Parameter token: for a claim of the server's own.
    package mutating func next(now: UInt64, token: UInt64) -> Step {
        expire(now: now)
        if let written = entries.first(where: { $0.state == .written }) { return .check(written) }
        if entries.allSatisfy({ $0.state == .checked }) { return .commit(entries) }
        let isMoving = entries.contains { $0.claim != nil }
        var wait = settings.lease
        for index in entries.indices {
            let entry = entries[index]
            if let claim = entry.claim { wait = min(wait, max(end(of: claim), now) - now) }
            guard entry.state == .submitted else { continue }
            let until = max(entry.freeSince, lastMove) + settings.patience
            let hasWaited = !isMoving && until <= now
            if entry.isServersOwn || !isFit(entry.job) || hasWaited {
                return run(index, token: token, now: now)
            }
            if !isMoving { wait = min(wait, until - now) }
        }
        return .wait(max(wait, 1))
    }

    private mutating func run(_ index: Int, token: UInt64, now: UInt64) -> Step {
        begin(index, daemon: 0, token: token, now: now)
        entries[index].state = .running
        entries[index].isServersOwn = true
        counts.fallbacks += 1
        return .run(entries[index])
    }

    /// The job's tables are what they are said to be.
    package mutating func accept(_ job: UInt64) {
        guard let index = index(of: job), entries[index].state == .written else { return }
        entries[index].state = .checked
    }

    /// The job's tables are not to be used, and the writer of the one that is wrong gets no jobs any
    /// more. The server runs the job, from its start.
    ///
    /// - Parameter output: the index of the table that is wrong.
    package mutating func refuse(_ job: UInt64, output: Int, now: UInt64) {
        guard let index = index(of: job) else { return }
        counts.refused += 1
        if entries[index].outputs.indices.contains(output) {
            daemons[entries[index].outputs[output].daemon]?.isTrusted = false
        }
        entries[index].outputs = []
        endClaim(index, now: now)
        entries[index].isServersOwn = true
    }

    /// The server itself has finished a table of a job that it runs.
    package mutating func add(_ table: TableMetadata, rest: [UInt8], to job: UInt64) {
        guard let index = index(of: job), let claim = entries[index].claim else { return }
        entries[index].outputs.append(
            Output(table: table, daemon: 0, token: claim.token, rest: rest))
    }

    /// The server itself has written the rest of a job; what daemons wrote of it was checked before.
    package mutating func finishOwn(_ job: UInt64) {
        guard let index = index(of: job) else { return }
        entries[index].claim = nil
        entries[index].state = .checked
    }
}
