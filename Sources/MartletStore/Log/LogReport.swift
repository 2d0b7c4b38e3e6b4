/// One segment of the log, as its owner counts it.
package struct LogSegment: Sendable, Equatable {
    /// The segment's id, which is also its file's name.
    package var id: UInt64
    /// Bytes that the file takes.
    package var bytes: UInt64
    /// The sequence that its first record has or will have.
    package var firstSequence: UInt64
}

/// Where the log ended at some moment: all in front of it are whole groups of records.
package struct LogEnd: Sendable, Equatable {
    /// The segment that was written to.
    package var segment: LogSegment
    /// Where its records ended.
    package var offset: UInt64
    /// The sequence that the next record must at least have had.
    package var nextSequence: UInt64
}

/// Bytes at the end of the log that were not recovered: written, never promised to be durable.
package struct LogCut: Sendable, Equatable {
    /// The segment's file.
    package var path: String
    /// Where the intact records end.
    package var offset: UInt64
    /// How many bytes look like records behind that place.
    package var bytes: UInt64
}

/// What a recovery found.
package struct LogReport: Sendable, Equatable {
    /// The segments read, oldest first.
    package var segments: [LogSegment] = []
    /// Segments below the asked minimum: their files may be removed or recycled.
    package var obsolete: [UInt64] = []
    /// Batches replayed.
    package var records = 0
    /// The sequence that the log expects next; `nil` if it has no segment.
    package var nextSequence: UInt64?
    /// The newest epoch met; 0 if the log has no segment.
    package var epoch: UInt32 = 0
    /// What was cut, `nil` if the log ended cleanly.
    package var cut: LogCut?
    /// Whether the log was closed, not just left.
    package var isSealed = false
    /// The id for the writer's first segment.
    package var nextSegment: UInt64 = 1

    package init() {}

    /// The last sequence in the log; 0 if none.
    package var lastSequence: UInt64 { nextSequence.map { $0 - 1 } ?? 0 }
}
