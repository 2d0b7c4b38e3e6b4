package import MartletStore

/// A primary's store behind the link's door.
///
/// `@unchecked Sendable`: what changes is touched under `monitor` only, which is held over no call
/// of the store's.
package final class StorePrimary: PrimaryStorage, @unchecked Sendable {
    let store: Store
    let replicas: Int
    let environment: Environment
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

    /// - Parameter replicas: how many followers the writes of this store wait for; 0 for none.
    package init(_ store: Store, replicas: Int, environment: Environment) {
        self.store = store
        self.replicas = replicas
        self.environment = environment
        registry = FollowerRegistry(store.directory, environment)
        // Nobody is known: nothing is kept for anybody.
        retain(registry.keep ?? .max)
    }

    package func state() -> PrimaryState {
        // First the end: families that batches up to it name are in the catalog by then.
        let end = monitor.withLock { newest }
        let history = store.terms
        return PrimaryState(
            storeID: store.id, history: history, segment: end?.segment.id ?? 0,
            offset: end?.offset ?? 0, nextSequence: end?.nextSequence ?? store.lastLogged + 1,
            nextTree: UInt32(store.shippedCatalog.entries.count),
            replicas: UInt8(clamping: shown(history)), isDeposed: store.role == .deposed)
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
        let before = shown(store.terms)
        if position.isAttached && !wasAttached { store.attachFollower(id) }
        if !position.isAttached && wasAttached { store.detachFollower(id) }
        if position.sequence > 0 {
            store.reportDurable(id, in: position.term, upTo: position.sequence)
        }
        let keep = monitor.withLock { () -> UInt64? in
            registry.note(position, now: environment.clock.now())
            heard[position.follower] = (position, environment.clock.monotonicNanoseconds())
            return registry.keep
        }
        if let keep { retain(keep) }
        if before != shown(store.terms) { monitor.withLock { wake }?() }
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
        let parent = "\(store.directory)/seeds"
        for name in (try? environment.fileSystem.list(parent)) ?? [] {
            try? IncomingSeed("\(parent)/\(name)", environment.fileSystem).discard()
        }
    }

    /// What readers wait for, once what was in the log before this term began is on followers too:
    /// a restart shows readers all of its log at once.
    private func shown(_ history: TermHistory) -> Int {
        guard replicas > 0, let term = history.current else { return 0 }
        let there = store.replication.sequence(durableAt: replicas)
        return there + 1 >= term.firstSequence ? replicas : 0
    }

    private func retain(_ keep: UInt64) {
        try? store.retainLog(from: keep == .max ? .max : keep + 1)
    }
}
