import MartletSimulation
import Testing

@testable import MartletStore

@Suite("What followers count on, and what ends it") struct ReadersWaitTests {
    private let simulation = Simulation(seed: 61)
    private let options: StoreOptions

    init() {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.compactsAutomatically = false
        self.options = options
    }

    private func open(_ path: String = "/store") throws -> Store {
        try Store.open(at: path, options: options, environment: simulation.environment)
    }

    private func put(_ store: Store, _ row: String) throws(StoreError) {
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f"), row: row, qualifier: "q", value: row)
        try store.write(batch)
    }

    @Test("A primary goes on in its term while it waits for as many, or for more")
    func raised() throws {
        let store = try open()
        #expect(store.readersWaitFor == 0)
        try store.readersWait(for: 1)
        try put(store, "a")
        try store.close()
        let again = try open()
        #expect(again.readersWaitFor == 1)
        try again.readersWait(for: 1)
        try again.readersWait(for: 2)
        #expect(again.readersWaitFor == 2)
        #expect(again.terms == store.terms && again.cursorEpoch == 1)
    }

    @Test("One that waits for fewer begins a term in its epoch, with cursors of its own, once")
    func lowered() throws {
        let store = try open()
        try store.readersWait(for: 2)
        try put(store, "a")
        try store.close()
        let less = try open()
        try less.readersWait(for: 1)
        let term = try #require(less.terms.current)
        #expect(less.terms.terms.count == 2 && less.readersWaitFor == 1)
        #expect(term.epoch == 1 && term.firstSequence == 2 && !term.keepsCursors)
        #expect(less.epoch == 1 && less.promise.epoch == 1, "nobody is deposed by it")
        let number = less.cursorEpoch
        #expect(number >= 1 << 31)
        try put(less, "b")
        try less.close()
        let again = try open()
        try again.readersWait(for: 1)
        #expect(again.terms == less.terms && again.cursorEpoch == number)
        try again.readersWait(for: 0)
        #expect(again.cursorEpoch != number && again.cursorEpoch != 1)
    }

    /// The fault: an acknowledged write that the follower never saw, and cursors that held.
    @Test("A follower that never heard of it has other cursors when it is promoted")
    func unheard() throws {
        let store = try open()
        try put(store, "a")
        try store.readersWait(for: 1)
        let follower = try FollowerFixture(of: store, seed: 62, options: options)
        try follower.ship(from: simulation.disk)
        let before = store.cursorEpoch
        try store.close()
        let alone = try open()
        try alone.readersWait(for: 0)
        try put(alone, "seen by clients, and by no follower")
        // It believes what it was told last.
        let promoted = follower.store
        _ = try promoted.promote(keepsCursors: true)
        #expect(promoted.cursorEpoch == before, "who saw nothing since goes on")
        #expect(promoted.cursorEpoch != alone.cursorEpoch, "who did begins afresh")
    }

    @Test("A follower that has heard has the same cursors")
    func heard() throws {
        let store = try open()
        try put(store, "a")
        try store.readersWait(for: 1)
        let follower = try FollowerFixture(of: store, seed: 63, options: options)
        try follower.ship(from: simulation.disk)
        try store.close()
        let alone = try open()
        try alone.readersWait(for: 0)
        try put(alone, "b")
        try follower.ship(from: simulation.disk)
        #expect(follower.store.terms == alone.terms)
        #expect(follower.store.cursorEpoch == alone.cursorEpoch)
        // And again, once the primary waits for it.
        try alone.readersWait(for: 1)
        try put(alone, "c")
        try follower.ship(from: simulation.disk)
        _ = try follower.store.promote(keepsCursors: true)
        #expect(follower.store.cursorEpoch == alone.cursorEpoch)
    }

    @Test("Positions of the term before count for nothing in the one that it begins")
    func positions() throws {
        let store = try open()
        try store.readersWait(for: 1)
        try put(store, "a")
        try store.close()
        let again = try open()
        let old = try #require(again.terms.current?.id)
        again.attachFollower("one")
        again.reportDurable("one", in: old, upTo: 1)
        #expect(again.replication.sequence(durableAt: 1) == 1)
        try again.readersWait(for: 0)
        #expect(again.replication.sequence(durableAt: 1) == 0)
    }

    @Test("A promotion ends it, and a copy has never heard of it")
    func ended() throws {
        let store = try open()
        try put(store, "a")
        try store.readersWait(for: 1)
        _ = try store.checkpoint(at: "/copy")
        #expect(try open("/copy").readersWaitFor == 0)
        try store.depose(by: TermID(epoch: 5, incarnation: 1))
        #expect(storeError { try store.readersWait(for: 0) }?.code == .fenced)
        try store.close()
        simulation.executor.runAll()
        try Store.becomeFollower(at: "/store", environment: simulation.environment)
        let follower = try open()
        #expect(storeError { try follower.readersWait(for: 0) }?.code == .fenced)
        _ = try follower.promote(keepsCursors: true)
        #expect(follower.readersWaitFor == 0)
    }

    @Test("Only a number of followers can be waited for")
    func invalid() throws {
        let store = try open()
        for wrong in [-1, 256] {
            #expect(
                storeError { try store.readersWait(for: wrong) }?.code == .invalidArgument)
        }
    }

    /// Either all count on it still, and the number is the old one, or nobody does.
    @Test(
        "Wherever the power fails, cursors are the old ones while followers count on it",
        arguments: CrashMode.allCases)
    func powerCuts(_ mode: CrashMode) throws {
        let steps = try forEachOperation { n in
            let test = ReadersWaitTests()
            let disk = test.simulation.disk
            let store = try test.open()
            try test.put(store, "a")
            try store.readersWait(for: 1)
            try store.close()
            test.simulation.executor.runAll()
            let again = try test.open()
            let (wasHit, isTold) = disk.failing(at: n, .powerCut) {
                storeError { try again.readersWait(for: 0) } == nil
            }
            test.simulation.crash(seed: n, mode: mode)
            let found = try test.open()
            let place = "power off at \(n) (\(mode))"
            if found.readersWaitFor == 1 {
                #expect(!isTold && found.cursorEpoch == 1, "\(place)")
            } else {
                #expect(found.readersWaitFor == 0 && found.cursorEpoch >= 1 << 31, "\(place)")
            }
            return wasHit
        }
        #expect(steps > 2, "it is too short to mean anything")
    }

    @Test("Who is missing is said by name")
    func missing() throws {
        let store = try open()
        var batch = WriteBatch()
        try put(store, "a")
        try batch.put(store.table("t").family("f"), row: "b", qualifier: "q", value: "b")
        let write = { () -> String? in
            storeError { try store.write(batch, durability: .replicated(2)) }?.message
        }
        #expect(write() == "too few followers are attached: 0 of 2")
        store.replication.expect(["a1": "nest-3", "b2": "nest-2", "c3": "nest-4"])
        store.attachFollower("c3")
        #expect(
            write() == "too few followers are attached: 1 of 2, missing: nest-2, nest-3")
        store.attachFollower("a1")
        store.reportDurable("a1", in: try #require(store.terms.current?.id), upTo: 9)
        store.reportDurable("c3", in: try #require(store.terms.current?.id), upTo: 9)
        #expect(write() == nil)
    }
}
