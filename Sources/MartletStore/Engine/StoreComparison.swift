/// Compares two stopped stores that should hold the same: a primary and its follower.
package struct StoreComparison {
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

        /// Whether they are the same up to `sequence`.
        package var isSame: Bool { difference == nil && commonEnd ?? 0 >= sequence }
    }

    /// Compares the stores in two directories at the last sequence that both have.
    ///
    /// - Throws: `.gone` where the longer one has tables with something behind that sequence: let
    ///   the other catch up first. `.invalidArgument` for stores of different ids. What opening and
    ///   reading throws.
    package static func run(
        _ one: String, _ other: String, environment: Environment
    ) throws(StoreError) -> Report {
        var stores = [try reader(one, nil, environment), try reader(other, nil, environment)]
        let ends = stores.map { $0.visibleSequence }
        let (ids, terms) = (stores.map(\.id), stores.map(\.terms))
        guard ids[0] == ids[1] else {
            throw StoreError(.invalidArgument, "store \(ids[0]) is not \(ids[1])")
        }
        let sequence = min(ends[0], ends[1])
        for (index, directory) in [one, other].enumerated() where ends[index] > sequence {
            stores[index] = try reader(directory, sequence, environment)
        }
        let now = environment.clock.now()
        let first = try stores[0].digest(now: now)
        let second = try stores[1].digest(now: now)
        return Report(
            sequence: sequence, ends: (ends[0], ends[1]),
            commonEnd: terms[0].commonEnd(endingAt: ends[0], with: terms[1], endingAt: ends[1]),
            ranges: first.ranges.count, cells: first.ranges.reduce(0) { $0 + $1.cells },
            difference: first.firstDifference(to: second))
    }

    private static func reader(
        _ directory: String, _ limit: UInt64?, _ environment: Environment
    ) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.readOnly = true
        options.memoryBudget = 64 << 20
        options.readsUpTo = limit
        return try Store.open(at: directory, options: options, environment: environment)
    }
}
