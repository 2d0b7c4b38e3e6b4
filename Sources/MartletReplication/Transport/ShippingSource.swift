package import MartletStore

/// Where a shipper reads: the files of a store, beside its server. Every call may block, and comes
/// from one thread at a time.
package protocol ShippingSource: Sendable {
    /// How the store stands, from its files: used while no server tells.
    func state() throws(StoreError) -> PrimaryState
    /// Records behind `after` for one connection, which reads on from there the next time.
    func read(
        after: UInt64, bytes: Int, connection: Int, state: PrimaryState
    ) -> ShipperSession.Reading
    /// The connection reads no more.
    func forget(connection: Int)
    /// Tables and families, and one more than the highest tree.
    func catalog() throws(StoreError) -> (edit: ManifestEdit, nextTree: UInt32)
    /// What is in the checkpoint at `path`.
    func openSeed(_ seed: UInt64, path: String) throws(StoreError) -> SeedOffer
    func readSeed(_ range: SeedRange) throws(StoreError) -> SeedData
    func closeSeed(_ seed: UInt64)
}

/// What a follower's machine has done: its store. Every call may block, and comes from one thread
/// at a time.
package protocol FollowerStorage: Sendable {
    func state() -> FollowerState
    func perform(_ work: FollowerWork) -> FollowerOutcome
    /// Whether a promotion takes nothing back that readers have seen, as far as the primary told.
    var holdsWhatWasSeen: Bool { get }
    /// Whether the readers of the primary of the promised term see nothing that no follower has:
    /// kept, for a promotion, until the next promise.
    func note(holdsWhatWasSeen: Bool)
}

extension FollowerStorage {
    package var holdsWhatWasSeen: Bool { false }
    package func note(holdsWhatWasSeen: Bool) {}
}
