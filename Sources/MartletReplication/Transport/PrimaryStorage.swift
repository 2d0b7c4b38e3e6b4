package import MartletStore

/// A primary's store, as its end of the link needs it. Only `listen`'s callback and `state` are
/// called often; `makeSeed` and `dropSeed` may block.
package protocol PrimaryStorage: Sendable {
    func state() -> PrimaryState
    /// Sets who is told that the log was written to or that a term began: on any thread, briefly.
    /// `nil` for nobody.
    func listen(_ wake: (@Sendable () -> Void)?)
    /// A follower came, went, or has more.
    func follower(_ position: FollowerPosition)
    /// Nobody tells of the followers any more.
    func shipperIsGone()
    /// Another store was promoted: no more writes.
    func depose(by term: TermID)
    /// A checkpoint for a follower to begin from: its path.
    func makeSeed(_ seed: UInt64) throws(StoreError) -> String
    func dropSeed(_ seed: UInt64)
}
