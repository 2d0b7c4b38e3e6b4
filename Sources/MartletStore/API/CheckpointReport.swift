/// What a checkpoint or a restored store consists of.
public struct CheckpointReport: Sendable, Hashable {
    /// The last sequence in it: every write acknowledged before the call, and none behind.
    public var sequence: UInt64
    /// The epoch: of a checkpoint, the store's; of a restored store, its new one.
    public var epoch: UInt32
    /// Table files.
    public var tables: Int
    /// Those of them that are a second name for the source's file, and so cost no space.
    public var linkedTables: Int
    /// Bytes copied: of the log, and of tables that could not be linked.
    public var copiedBytes: UInt64

    /// Nothing yet.
    init(sequence: UInt64, epoch: UInt32) {
        self.sequence = sequence
        self.epoch = epoch
        tables = 0
        linkedTables = 0
        copiedBytes = 0
    }
}
