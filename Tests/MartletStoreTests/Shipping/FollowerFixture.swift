import MartletSimulation
import Testing

@testable import MartletStore

/// The follower of a store, on a machine of its own, and what a shipper does for it in one call.
final class FollowerFixture {
    let simulation: Simulation
    let options: StoreOptions
    private(set) var store: Store

    /// An empty follower in the first term of `primary`.
    init(of primary: Store, seed: UInt64, options: StoreOptions) throws {
        simulation = Simulation(seed: seed)
        simulation.clock.set(20)
        self.options = options
        let disk = simulation.disk
        for path in ["/store", "/store/log", "/store/tables"] { try disk.createDirectory(path) }
        for path in ["/", "/store"] { try disk.syncDirectory(path) }
        var state = ManifestState(storeID: primary.id)
        let first = try #require(primary.terms.terms.first)
        try state.apply(ManifestEdit([.epoch(first.epoch), .term(first), .role(.follower)]))
        _ = try ManifestWriter(disk, directory: "/store", number: 1, state: state)
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
    }

    /// The follower that a store on `simulation` was made.
    init(adopting simulation: Simulation, options: StoreOptions) throws {
        self.simulation = simulation
        self.options = options
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
    }

    /// Ships what the store in `directory` of `disk` has, up to `end` or to its last record, in
    /// groups of up to `bytes`; at most `groups` of them.
    func ship(
        from disk: any FileSystem, directory: String = "/store", upTo end: LogEnd? = nil,
        bytes: Int = 1000, groups: Int = .max
    ) throws(StoreError) {
        let state = try ManifestReader.read(disk, directory: directory).state
        try store.promise(to: state.history)
        let tail = LogTail(
            disk, directory: "\(directory)/log", storeID: state.storeID,
            next: store.lastLogged + 1)
        for _ in 0..<groups {
            let last = store.lastLogged
            for term in state.history.terms(after: store.terms.current?.id, behind: last) {
                try store.beginTerm(term)
            }
            let records = try tail.read(
                upTo: end, before: state.history.boundary(behind: last) ?? .max, bytes: bytes)
            guard let term = store.terms.current, !records.isEmpty else { return }
            try store.adoptCatalog(ShippedCatalog(state))
            _ = try store.appendShipped(records, after: last, in: term.id)
        }
    }

    func reopen() throws {
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
    }

    func closeAndReopen() throws {
        try store.close()
        simulation.executor.runAll()
        try reopen()
    }

    func crashAndReopen(seed: UInt64, mode: CrashMode) throws {
        simulation.crash(seed: seed, mode: mode)
        try reopen()
    }
}

extension StoreScenario {
    /// What reads of `store` see, in each of the scenario's families, is the model at `sequence`.
    func check(
        _ other: Store, at sequence: UInt64, _ place: String
    ) throws {
        for index in schemas.indices {
            let expected = model(index).read(snapshot: sequence, now: simulation.clock.now())
            let family = try other.table("t").family("f\(index)")
            let found = try StoreScenario.everything(other, family)
            // Compared outside of the expectation, which would print both.
            let isSame = found == expected
            try #require(isSame, "seed \(seed), \(place), family \(index)")
        }
    }
}

extension StoreOptions {
    /// Those of a store that is shipped: segments, tables and levels come soon, the log stays.
    static func shipped(memtable: Int) -> StoreOptions {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.memtableSize = memtable
        options.levelZeroFiles = 2
        options.logRetainedBytes = 1 << 20
        return options
    }
}
