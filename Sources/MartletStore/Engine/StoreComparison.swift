/// Compares stores that should hold the same, a primary and its follower, at a sequence that both
/// have. Stopped or not: they are opened for reading only, and a process that has one open is not
/// disturbed. Holds N7.
package struct StoreComparison: Sendable {
    /// What was found.
    package struct Report: Sendable {
        /// The sequence at which both were compared.
        package var sequence: UInt64
        /// The last sequence of the one and the other.
        package var ends: (UInt64, UInt64)
        /// Up to where their histories say that the logs are the same; `nil` for strangers.
        package var commonEnd: UInt64?
        /// Ranges and cells of the first one.
        package var ranges: Int
        package var cells: UInt64
        /// The first rows that are not the same, with what each has there.
        package var difference: (StoreDigest.Range?, StoreDigest.Range?)?
        /// The first cell there that is not, where both stores are at hand.
        package var cell: CellDifference?

        /// Whether they are the same up to `sequence`.
        package var isSame: Bool { difference == nil && commonEnd ?? 0 >= sequence }
    }

    /// How far the moment by which cells expire lies ahead of the clock, in microseconds: a day.
    /// What a compaction of the time until then drops is counted by neither store, however the two
    /// machines' clocks differ.
    package static let lookahead: UInt64 = 86_400_000_000

    package var cellsPerRange: Int
    private let environment: Environment

    package init(cellsPerRange: Int = StoreDigest.cellsPerRange, environment: Environment) {
        self.cellsPerRange = cellsPerRange
        self.environment = environment
    }

    /// Compares the stores in two directories at the last sequence that both have.
    ///
    /// - Throws: `.gone` where the longer one has tables with something behind that sequence: let
    ///   the other catch up first. `.invalidArgument` for stores of different ids. What opening and
    ///   reading throws; beside a process that writes, the same call may succeed a moment later.
    package func compare(_ one: String, _ other: String) throws(StoreError) -> Report {
        let (first, second) = (try reader(one), try reader(other))
        try requireSame(first.id, second.id)
        let ends = (first.visibleSequence, second.visibleSequence)
        let sequence = min(ends.0, ends.1)
        let snapshots = (try first.snapshot(at: sequence), try second.snapshot(at: sequence))
        let moment = environment.clock.now() + Self.lookahead
        let digests = (
            try first.digest(at: snapshots.0, now: moment, cellsPerRange: cellsPerRange),
            try second.digest(at: snapshots.1, now: moment, cellsPerRange: cellsPerRange)
        )
        var report = report(first, ends, second.terms, digests.0, digests.1)
        if let difference = report.difference {
            report.cell = try CellDifference.first(
                in: difference, of: (first, second), at: sequence, now: moment)
        }
        return report
    }

    /// Compares the store in a directory with another one's digest, which tells how ranges are cut.
    ///
    /// - Throws: `.gone` where the store has tables with something behind the digest's sequence;
    ///   `.unavailable` where it has not got so far yet; `.unsupported` once the digest's moment
    ///   has passed; `.invalidArgument` for a stranger's digest. What opening and reading throws.
    package func compare(_ one: String, with file: DigestFile) throws(StoreError) -> Report {
        guard environment.clock.now() <= file.moment else {
            throw StoreError(
                .unsupported,
                "the digest is more than a day old: what expired since cannot be told"
                    + " from what is missing")
        }
        let store = try reader(one)
        try requireSame(store.id, file.storeID)
        let ends = (store.visibleSequence, file.digest.sequence)
        guard ends.0 >= ends.1 else {
            throw StoreError(
                .unavailable, "the store is at sequence \(ends.0), the digest at \(ends.1)",
                path: one)
        }
        let digest = try store.digest(
            at: try store.snapshot(at: ends.1), now: file.moment,
            cellsPerRange: file.cellsPerRange)
        return report(store, ends, file.history, digest, file.digest)
    }

    /// What the store in a directory comes to now, to be compared elsewhere within a day.
    ///
    /// - Throws: what opening and reading throws.
    package func digest(of directory: String) throws(StoreError) -> DigestFile {
        let store = try reader(directory)
        let moment = environment.clock.now() + Self.lookahead
        return DigestFile(
            storeID: store.id, history: store.terms, moment: moment, cellsPerRange: cellsPerRange,
            digest: try store.digest(now: moment, cellsPerRange: cellsPerRange))
    }

    private func report(
        _ store: Store, _ ends: (UInt64, UInt64), _ history: TermHistory, _ ours: StoreDigest,
        _ theirs: StoreDigest
    ) -> Report {
        Report(
            sequence: ours.sequence, ends: ends,
            commonEnd: store.terms.commonEnd(endingAt: ends.0, with: history, endingAt: ends.1),
            ranges: ours.ranges.count, cells: ours.ranges.reduce(0) { $0 + $1.cells },
            difference: ours.firstDifference(to: theirs))
    }

    private func requireSame(_ one: StoreID, _ other: StoreID) throws(StoreError) {
        guard one == other else {
            throw StoreError(.invalidArgument, "store \(one) is not \(other)")
        }
    }

    private func reader(_ directory: String) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.readOnly = true
        options.memoryBudget = 64 << 20
        let store = try Store.open(at: directory, options: options, environment: environment)
        try store.openTables()
        return store
    }
}
