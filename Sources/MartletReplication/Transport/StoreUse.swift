package import MartletStore

/// Who else looks at a follower's store while it follows. All calls come from the one thread that
/// works on the store, one after the other, and nothing is applied while one of them runs: they
/// must not ask the follower's storage anything.
package struct StoreUse: Sendable {
    /// The store is open, or has tables that it did not have before.
    package var opened: @Sendable (Store) -> Void
    /// The store is about to be closed, or clients' cursors of it are about to be void: returns
    /// when nobody reads it any more. `opened` follows.
    package var closing: @Sendable () -> Void
    /// These records are durable and visible.
    package var applied: @Sendable ([ShippedRecord]) -> Void

    package init(
        opened: @escaping @Sendable (Store) -> Void, closing: @escaping @Sendable () -> Void,
        applied: @escaping @Sendable ([ShippedRecord]) -> Void
    ) {
        self.opened = opened
        self.closing = closing
        self.applied = applied
    }

    /// Nobody.
    package static let nobody = StoreUse(opened: { _ in }, closing: {}, applied: { _ in })
}
