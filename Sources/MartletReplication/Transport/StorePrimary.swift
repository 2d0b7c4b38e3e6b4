package import MartletStore

/// A primary's store behind the link's door.
///
/// `@unchecked Sendable`: what changes is touched under `monitor` only, which is held over no call
/// of the store's.
package final class StorePrimary: PrimaryStorage, @unchecked Sendable {
    let store: Store
    let replicas: Int
    let environment: Environment
    /// The end of the log as the opening found it. Whether followers have it is not known yet.
    private let recovered: UInt64
    let monitor = Monitor()
    private var newest: LogEnd?
    private var wake: (@Sendable () -> Void)?
    private var attached: Set<UInt64> = []
    private(set) var registry: FollowerRegistry
    /// What each follower said last, and when, since the start.
    private(set) var heard: [UInt64: (position: FollowerPosition, at: UInt64)] = [:]
    /// One mark for a hundredth of a second: it is asked for at each write of the log.
    private(set) var lag = LagClock(grain: 10_000_000)
    private(set) var seeds = 0

    /// - Parameters:
    ///   - store: as it was opened: nothing has been written yet.
    ///   - replicas: how many followers the writes of this store wait for; 0 for none.
    package init(_ store: Store, replicas: Int, environment: Environment) {
        self.store = store
        self.replicas = replicas
        self.environment = environment
        recovered = store.lastLogged
        registry = FollowerRegistry(store.directory, environment)
        store.replication.expect(registry.names)
        // Nobody is known: nothing is kept for anybody.
        retain(registry.keep ?? .max)
    }

    package func state() -> PrimaryState {
        // First the end: families that batches up to it name are in the catalog by then.
        let end = monitor.withLock { newest }
        // Before what readers wait for: that is told of a term in which it is so.
        let history = store.terms
        return PrimaryState(
            storeID: store.id, history: history, segment: end?.segment.id ?? 0,
            offset: end?.offset ?? 0, nextSequence: end?.nextSequence ?? store.lastLogged + 1,
            nextTree: UInt32(store.shippedCatalog.entries.count),
            replicas: UInt8(clamping: store.readersWaitFor), isDeposed: store.role == .deposed)
    }

    package func listen(_ wake: (@Sendable () -> Void)?) {
        monitor.withLock { self.wake = wake }
        guard wake != nil else { return store.replication.listen(nil) }
        store.replication.listen { [self] end in
            let wake = monitor.withLock { () -> (@Sendable () -> Void)? in
                // Calls may come out of order.
                let place = (end.segment.id, end.offset)
                if newest.map({ ($0.segment.id, $0.offset) < place }) ?? true {
                    newest = end
                    lag.note(
                        segment: end.segment.id, offset: end.offset,
                        lastSequence: end.nextSequence - 1,
                        at: environment.clock.monotonicNanoseconds())
                }
                return self.wake
            }
            wake?()
        }
    }

    package func follower(_ position: FollowerPosition) {
        let id = String(position.follower, radix: 16)
        let wasAttached = monitor.withLock {
            position.isAttached
                ? !attached.insert(position.follower).inserted
                : attached.remove(position.follower) != nil
        }
        if position.isAttached && !wasAttached { store.attachFollower(id) }
        if !position.isAttached && wasAttached { store.detachFollower(id) }
        if position.sequence > 0 {
            store.reportDurable(id, in: position.term, upTo: position.sequence)
        }
        let (keep, names) = monitor.withLock {
            let isNews = registry.note(position, now: environment.clock.now())
            heard[position.follower] = (position, environment.clock.monotonicNanoseconds())
            if isNews {
                // One that came under a name that another had took its place.
                let known = registry.namesByNumber
                heard = heard.filter { known[$0.key] != nil }
            }
            return (registry.keep, isNews ? registry.names : nil)
        }
        if let names { store.replication.expect(names) }
        if let keep { retain(keep) }
    }

    /// Whether readers may be let in: so many followers as writes wait for have all that the
    /// opening found in the log. From then on followers may count on it. Blocks. Holds N5 over a
    /// restart.
    package func opens() throws(StoreError) -> Bool {
        guard store.replication.sequence(durableAt: replicas) >= recovered else { return false }
        guard store.readersWaitFor < replicas, store.role == .primary else { return true }
        try store.readersWait(for: replicas)
        monitor.withLock { wake }?()
        return true
    }

    /// Why readers are not let in yet.
    package func whyClosed() -> String {
        if store.role != .primary { return "another store was promoted in place of this one" }
        let attached = store.replication.attached
        if attached < replicas { return store.replication.lack(of: replicas) }
        return "followers have the log up to \(store.replication.sequence(durableAt: replicas)), "
            + "and it ends at \(recovered)"
    }

    package func shipperIsGone() {
        let gone = monitor.withLock {
            defer { attached = [] }
            for follower in attached { heard[follower]?.position.isAttached = false }
            return attached
        }
        for follower in gone { store.detachFollower(String(follower, radix: 16)) }
    }

    package func depose(by term: TermID) {
        try? store.depose(by: term)
        monitor.withLock { wake }?()
    }

    package func makeSeed(_ seed: UInt64) throws(StoreError) -> String {
        let parent = "\(store.directory)/seeds"
        try environment.fileSystem.createDirectory(parent)
        let path = "\(parent)/\(seed)"
        _ = try store.checkpoint(at: path)
        monitor.withLock { seeds += 1 }
        return path
    }

    package func dropSeed(_ seed: UInt64) {
        try? IncomingSeed("\(store.directory)/seeds/\(seed)", environment.fileSystem).discard()
    }

    /// Removes what seeds an earlier process has left.
    package func dropAllSeeds() {
        IncomingSeed.discardAll(in: "\(store.directory)/seeds", environment.fileSystem)
    }

    private func retain(_ keep: UInt64) {
        try? store.retainLog(from: keep == .max ? .max : keep + 1)
    }
}
