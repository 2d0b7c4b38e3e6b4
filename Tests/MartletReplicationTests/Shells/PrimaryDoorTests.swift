import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("Readers of a primary that is opened again") struct PrimaryDoorTests {
    private let simulation = Simulation(seed: 71)

    private func open() throws -> Store {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        return try Store.open(
            at: "/store", options: options, environment: simulation.environment)
    }

    private func put(_ store: Store, _ row: String) throws {
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f"), row: row, qualifier: "q", value: row)
        try store.write(batch)
    }

    private func primary(_ store: Store, replicas: Int) -> StorePrimary {
        StorePrimary(store, replicas: replicas, environment: simulation.environment)
    }

    private func position(
        _ follower: UInt64, _ sequence: UInt64, in term: TermID, name: String = "nest-2",
        keep: UInt64? = nil, isAttached: Bool = true
    ) -> FollowerPosition {
        FollowerPosition(
            follower: follower, name: name, isAttached: isAttached, term: term,
            sequence: sequence, keep: keep ?? sequence)
    }

    /// The fault: what an opening found in the log was shown before any follower had it.
    @Test("are let in when followers have all that was found in its log, in its own term")
    func recovered() throws {
        let store = try open()
        for row in ["a", "b", "c"] { try put(store, row) }
        let old = store.terms.currentID
        simulation.crash(seed: 1, mode: .keepAll)
        let again = try open()
        let primary = primary(again, replicas: 1)
        #expect(try !primary.opens())
        #expect(primary.whyClosed() == "too few followers are attached: 0 of 1")
        primary.follower(position(7, 3, in: old))
        #expect(try !primary.opens(), "a position in another term's log")
        let term = again.terms.currentID
        primary.follower(position(7, 2, in: term))
        #expect(try !primary.opens())
        #expect(primary.whyClosed() == "followers have the log up to 2, and it ends at 3")
        #expect(again.readersWaitFor == 0 && primary.state().replicas == 0)
        primary.follower(position(7, 3, in: term))
        #expect(try primary.opens())
        #expect(again.readersWaitFor == 1, "from here on followers count on it")
        #expect(primary.state().replicas == 1)
    }

    @Test("wait for as many followers as writes do")
    func two() throws {
        let store = try open()
        try put(store, "a")
        try store.close()
        let again = try open()
        let primary = primary(again, replicas: 2)
        let term = again.terms.currentID
        primary.follower(position(7, 1, in: term))
        #expect(try !primary.opens())
        primary.follower(position(8, 1, in: term, name: "nest-3"))
        #expect(try primary.opens())
    }

    @Test("wait for nobody where writes do not, or where there is nothing to be seen")
    func atOnce() throws {
        let store = try open()
        #expect(try primary(store, replicas: 1).opens())
        try put(store, "a")
        try store.close()
        let again = try open()
        try again.readersWait(for: 0)
        #expect(try primary(again, replicas: 0).opens())
        #expect(again.readersWaitFor == 0)
    }

    @Test("hear who is missing")
    func missing() throws {
        let store = try open()
        try put(store, "a")
        let first = primary(store, replicas: 1)
        first.follower(position(7, 1, in: store.terms.currentID))
        first.follower(position(7, 1, in: store.terms.currentID, isAttached: false))
        try store.close()
        #expect(
            primary(try open(), replicas: 1).whyClosed()
                == "too few followers are attached: 0 of 1, missing: nest-2")
    }

    /// The fault: a handover with the shipper left running took the cursors away.
    @Test("are known to the shipper of a stopped store as they were")
    func stopped() throws {
        let store = try open()
        try put(store, "a")
        try store.readersWait(for: 1)
        try store.close()
        let source = DirectorySource("/store", environment: simulation.environment)
        #expect(try source.state().replicas == 1)
        let again = try open()
        try again.readersWait(for: 0)
        try again.close()
        let state = try source.state()
        #expect(state.replicas == 0 && state.history == again.terms)
    }

    /// The fault: log was kept for a week for a follower that no longer exists.
    @Test("A follower that comes under the name of another takes its place in what is kept")
    func renamed() throws {
        let store = try open()
        try put(store, "a")
        let environment = simulation.environment
        let term = store.terms.currentID
        var registry = FollowerRegistry("/store", environment)
        let now = environment.clock.now()
        _ = registry.note(position(7, 3, in: term), now: now)
        _ = registry.note(position(9, 90, in: term, name: "nest-3"), now: now)
        #expect(registry.keep == 3)
        let isNews = registry.note(
            position(8, 0, in: term, keep: 60, isAttached: false), now: now)
        #expect(isNews && registry.keep == 60)
        #expect(registry.names == ["8": "nest-2", "9": "nest-3"])
        let read = FollowerRegistry("/store", environment)
        #expect(read.keep == 60 && read.names == registry.names)
    }
}
