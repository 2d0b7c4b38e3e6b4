/// How far a device has read its user's inbox.
public struct InboxCursor: Hashable, Sendable {
    /// The store's epoch the number belongs to; a number of another epoch says nothing.
    public var epoch: UInt32
    /// The last event applied; 0 for none.
    public var seq: UInt64

    /// The cursor behind event `seq` of `epoch`.
    public init(epoch: UInt32, seq: UInt64) {
        self.epoch = epoch
        self.seq = seq
    }
}
