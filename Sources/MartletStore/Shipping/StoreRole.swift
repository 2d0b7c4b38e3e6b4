/// What a store is to the others that hold the same log. Raw values are part of the manifest.
public enum StoreRole: UInt8, Sendable, Hashable {
    /// Takes writes.
    case primary = 0
    /// Takes what a primary logs, in its order; reads see that.
    case follower = 1
    /// Was a primary until another store was promoted: takes no writes any more. It can become a
    /// follower.
    case deposed = 2
}
