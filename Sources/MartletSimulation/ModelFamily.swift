/// One family as its documentation describes it: operations applied in order of sequence to a
/// sorted map. Slow and plain on purpose; the engine is compared with it.
package struct ModelFamily {
    package enum Operation: Sendable {
        case put(timestamp: UInt64, value: [UInt8], timeToLive: UInt64 = 0)
        case deleteVersion(timestamp: UInt64)
        case deleteColumn(upTo: UInt64)
        /// The qualifier of the mutation is ignored.
        case deleteFamily(upTo: UInt64)
        /// From the mutation's row to `end` (empty: to the end of the table).
        case deleteRange(end: [UInt8])
    }

    package struct Mutation: Sendable {
        package var row: [UInt8]
        package var qualifier: [UInt8]
        package var sequence: UInt64
        package var operation: Operation

        package init(
            row: [UInt8], qualifier: [UInt8] = [], sequence: UInt64, operation: Operation
        ) {
            self.row = row
            self.qualifier = qualifier
            self.sequence = sequence
            self.operation = operation
        }
    }

    /// One version that a read shows.
    package struct Version: Hashable, Sendable {
        package var row: [UInt8]
        package var qualifier: [UInt8]
        package var timestamp: UInt64
        package var value: [UInt8]

        package init(row: [UInt8], qualifier: [UInt8], timestamp: UInt64, value: [UInt8]) {
            self.row = row
            self.qualifier = qualifier
            self.timestamp = timestamp
            self.value = value
        }
    }

    private struct Column: Hashable {
        var row: [UInt8]
        var qualifier: [UInt8]
    }

    private struct Stored {
        var value: [UInt8]
        var timeToLive: UInt64
    }

    private let maxVersions: Int?
    private let timeToLive: UInt64?
    private var mutations: [Mutation] = []

    /// - Parameter timeToLive: microseconds.
    package init(maxVersions: Int?, timeToLive: UInt64?) {
        self.maxVersions = maxVersions
        self.timeToLive = timeToLive
    }

    /// Adds a mutation; sequences ascend.
    package mutating func apply(_ mutation: Mutation) { mutations.append(mutation) }

    /// What a read at `snapshot` shows at `now`, in order of cells.
    package func read(
        snapshot: UInt64, now: UInt64, versions: Int = .max, timeRange: Range<UInt64>? = nil
    ) -> [Version] {
        var columns: [Column: [UInt64: Stored]] = [:]
        for mutation in mutations where mutation.sequence <= snapshot {
            apply(mutation, to: &columns)
        }
        var result: [Version] = []
        let order = columns.keys.sorted {
            $0.row == $1.row
                ? $0.qualifier.lexicographicallyPrecedes($1.qualifier)
                : $0.row.lexicographicallyPrecedes($1.row)
        }
        for column in order {
            let stored = columns[column] ?? [:]
            let shown = stored.keys.sorted(by: >).filter { timestamp in
                !isExpired(timestamp, stored[timestamp]?.timeToLive ?? 0, now)
                    && timeRange?.contains(timestamp) ?? true
            }
            for timestamp in shown.prefix(versions) {
                result.append(
                    Version(
                        row: column.row, qualifier: column.qualifier, timestamp: timestamp,
                        value: stored[timestamp]?.value ?? []))
            }
        }
        return result
    }

    private func isExpired(_ timestamp: UInt64, _ own: UInt64, _ now: UInt64) -> Bool {
        let least = min(own == 0 ? .max : own, timeToLive ?? .max)
        if least == .max { return false }
        let (end, never) = timestamp.addingReportingOverflow(least)
        return !never && end <= now
    }

    private func apply(_ mutation: Mutation, to columns: inout [Column: [UInt64: Stored]]) {
        let column = Column(row: mutation.row, qualifier: mutation.qualifier)
        switch mutation.operation {
        case .put(let timestamp, let value, let timeToLive):
            columns[column, default: [:]][timestamp] = Stored(
                value: value, timeToLive: timeToLive)
            guard let maxVersions else { return }
            let kept = (columns[column] ?? [:]).sorted { $0.key > $1.key }.prefix(maxVersions)
            columns[column] = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        case .deleteVersion(let timestamp):
            columns[column]?[timestamp] = nil
        case .deleteColumn(let limit):
            columns[column] = columns[column]?.filter { $0.key > limit }
        case .deleteFamily(let limit):
            for other in columns.keys where other.row == mutation.row {
                columns[other] = columns[other]?.filter { $0.key > limit }
            }
        case .deleteRange(let end):
            for other in columns.keys
            where !other.row.lexicographicallyPrecedes(mutation.row)
                && (end.isEmpty || other.row.lexicographicallyPrecedes(end))
            {
                columns[other] = nil
            }
        }
    }
}
