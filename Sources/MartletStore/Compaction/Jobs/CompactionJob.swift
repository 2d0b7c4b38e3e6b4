/// A number for a table file, and the random id that its checksums are bound to.
package struct TableIdentity: Sendable, Equatable {
    package var number: UInt64
    package var id: UInt64

    package init(number: UInt64, id: UInt64) {
        self.number = number
        self.id = id
    }
}

/// All that is needed to merge some rows of some tables: the server and a daemon run it alike.
///
/// A plan is cut into one or more jobs by rows, so that no row is in two. Jobs of one plan share
/// what is judged by (snapshots, clock), so they may be run at any time and in any order.
package struct CompactionJob: Sendable, Equatable {
    /// Random: a job of an earlier life of the server is never taken for one of this.
    package var id: UInt64
    package var family: Family
    /// Why the plan was picked; for people.
    package var reason: String
    /// Input tables, level by level; level 0 newest first, others by row.
    package var inputs: [[TableMetadata]]
    /// Tables below the output level that may share rows with the job.
    package var below: [[TableMetadata]]
    package var outputLevel: UInt8
    package var rows: RowRange
    /// Sequences of the live snapshots, ascending.
    package var snapshots: [UInt64]
    /// Microseconds since 1970: what has expired by then may go.
    package var now: UInt64
    /// Bytes at which the next row begins the next table.
    package var fileSize: UInt64
    /// The output tables' numbers and ids, in order. The last table takes all that is left.
    package var outputs: [TableIdentity]
    /// Of the tables to be written.
    package var formatVersion: UInt32

    package init(
        id: UInt64, family: Family, reason: String, inputs: [[TableMetadata]],
        below: [[TableMetadata]], outputLevel: UInt8, rows: RowRange, snapshots: [UInt64],
        now: UInt64, fileSize: UInt64, outputs: [TableIdentity],
        formatVersion: UInt32 = TableFormat.version
    ) {
        self.id = id
        self.family = family
        self.reason = reason
        self.inputs = inputs
        self.below = below
        self.outputLevel = outputLevel
        self.rows = rows
        self.snapshots = snapshots
        self.now = now
        self.fileSize = fileSize
        self.outputs = outputs
        self.formatVersion = formatVersion
    }

    /// Numbers that a job gets at most.
    static let outputsMax = 1 << 12

    package var inputBytes: UInt64 { inputs.joined().reduce(0) { $0 + $1.size } }

    /// Bytes of memory that a merge takes, roughly: filters and indexes of the inputs (a sixteenth
    /// of their size), buffers of each input, and what the output's filter is made of.
    package var estimatedMemory: UInt64 {
        let tables = UInt64(inputs.reduce(0) { $0 + $1.count })
        return inputBytes / 16 + tables * (64 << 10) + fileSize / 4 + (4 << 20)
    }

    var compression: Compression {
        let isLast = Int(outputLevel) == TreeVersion.levelCount - 1
        return isLast ? family.schema.bottomCompression : family.schema.compression
    }
}

/// How far a job has come: tables finished, and the row at which the rest begins.
package struct JobProgress: Sendable, Equatable {
    package var tables: Int
    package var rest: [UInt8]

    package init(tables: Int, rest: [UInt8]) {
        self.tables = tables
        self.rest = rest
    }

    package static func start(of job: CompactionJob) -> JobProgress {
        JobProgress(tables: 0, rest: job.rows.start)
    }

    /// Whether the last table told has ended the job.
    package func isComplete(_ job: CompactionJob) -> Bool {
        tables > 0 && rest == job.rows.end
    }
}
