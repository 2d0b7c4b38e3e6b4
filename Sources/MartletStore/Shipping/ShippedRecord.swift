/// One record of the log on its way to a follower, or into its log.
public struct ShippedRecord: Sendable, Equatable {
    /// What it is.
    public enum Kind: UInt8, Sendable {
        /// The mutations of one batch: docs/formats/batch.md, with the store's timestamp in front.
        case batch = 1
        /// Sequences below `sequence` were given out without being logged; no payload.
        case gap = 4
    }

    /// What the record is.
    public var kind: Kind
    /// The epoch in which the primary wrote it.
    public var epoch: UInt32
    /// A batch's first sequence; for a gap, the next one expected.
    public var sequence: UInt64
    /// The payload, byte for byte as in the primary's log.
    public var payload: [UInt8]

    /// A record with all of its parts.
    public init(kind: Kind, epoch: UInt32, sequence: UInt64, payload: [UInt8]) {
        self.kind = kind
        self.epoch = epoch
        self.sequence = sequence
        self.payload = payload
    }

    /// The sequence that the record behind this one has; `nil` for a batch without its count.
    public var nextSequence: UInt64? {
        switch kind {
        case .gap: return sequence
        case .batch:
            return payload.withUnsafeBytes { LogBatch.mutationCount($0) }.map { sequence + $0 }
        }
    }
}
