import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A follower is promoted") struct PromotionTests {
    private let scenario: StoreScenario
    private let follower: FollowerFixture

    init() throws {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.memtableSize = 16 << 10
        options.compactsAutomatically = false
        scenario = try StoreScenario(seed: 91, options: options)
        scenario.simulation.clock.set(20)
        follower = try FollowerFixture(of: scenario.store, seed: 92, options: options)
        for _ in 0..<20 { try scenario.writeBatch(.synced) }
        try follower.ship(from: scenario.simulation.disk)
    }

    private func put(_ store: Store, _ row: String) throws(StoreError) {
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f0"), row: row, qualifier: "q", value: row)
        try store.write(batch)
    }

    @Test("and takes writes at once, in a term above all that it has seen")
    func writes() throws {
        let store = follower.store
        let end = store.lastLogged
        let term = try store.promote(above: 6, keepsCursors: true)
        #expect(term.epoch == 7 && term.firstSequence == end + 1)
        #expect(store.role == .primary && store.epoch == 7 && store.terms.current == term)
        #expect(store.cursorEpoch == 1)
        try put(store, "new")
        #expect(store.lastLogged == end + 1)
        #expect(storeError { _ = try store.promote(keepsCursors: true) }?.code == .fenced)
        let shipped = storeError { _ = try store.appendShipped([], after: end + 1, in: term.id) }
        #expect(shipped?.code == .fenced)
        try follower.crashAndReopen(seed: 1, mode: .loseAll)
        let again = follower.store
        #expect(again.role == .primary && again.epoch == 7)
        #expect(again.lastLogged == end + 1)
        #expect(again.terms.terms.dropLast() == store.terms.terms[...])
        try put(again, "newer")
    }

    @Test("whose cursors fail where readers may have seen what it has not")
    func cursors() throws {
        let term = try follower.store.promote(keepsCursors: false)
        #expect(follower.store.cursorEpoch == term.epoch)
    }

    @Test("and counts the followers' positions in its own term only")
    func positions() throws {
        let store = follower.store
        let old = try #require(store.terms.current?.id)
        store.attachFollower("x")
        let term = try store.promote(keepsCursors: false).id
        let answers = Answers()
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f0"), row: "r", qualifier: "q", value: "v")
        store.submit(batch, durability: .replicated(1)) { answers.add($0) }
        follower.simulation.executor.runAll()
        store.reportDurable("x", in: old, upTo: store.lastLogged)
        #expect(answers.all.isEmpty)
        store.reportDurable("x", in: term, upTo: store.lastLogged)
        #expect(answers.all.count == 1)
    }

    @Test("wholly or not, wherever the power fails", arguments: CrashMode.allCases)
    func everyStep(_ mode: CrashMode) throws {
        let steps = try forEachOperation { n in
            let test = try PromotionTests()
            let disk = test.follower.simulation.disk
            let before = test.follower.store.terms
            let (wasHit, term) = disk.failing(at: n, .powerCut) {
                try? test.follower.store.promote(keepsCursors: false)
            }
            try test.follower.crashAndReopen(seed: n, mode: mode)
            let store = test.follower.store
            let place = "power off at \(n) (\(mode))"
            #expect(store.lastLogged == test.scenario.store.lastLogged, "\(place)")
            if store.role == .primary {
                #expect(store.epoch == 2 && store.terms.terms.count >= 2, "\(place)")
                try test.put(store, "new")
            } else {
                #expect(term == nil && store.role == .follower, "\(place)")
                #expect(store.terms == before, "\(place)")
                #expect(try store.promote(keepsCursors: false).epoch == 2, "\(place)")
            }
            return wasHit
        }
        #expect(steps > 5)
    }

    /// The whole way of a failover: the old one comes back with records that nobody else has.
    @Test("and the old primary follows it, without what only it had")
    func back() throws {
        let old = scenario.store
        let end = old.lastLogged
        for _ in 0..<7 { try scenario.writeBatch(.synced) }
        let new = follower.store
        let term = try new.promote(keepsCursors: false)
        for row in 0..<9 { try put(new, "row \(row)") }
        try old.depose(by: term.id)
        #expect(storeError { try put(old, "late") }?.code == .fenced)
        scenario.simulation.crash(seed: 4, mode: .keepAll)
        let environment = scenario.simulation.environment
        try Store.becomeFollower(at: "/store", environment: environment)
        let common = try #require(
            old.terms.commonEnd(
                endingAt: old.lastLogged, with: new.terms, endingAt: new.lastLogged))
        #expect(common == end)
        #expect(try Store.cut(at: "/store", after: common, environment: environment) == end)
        let back = try FollowerFixture(
            adopting: scenario.simulation, options: scenario.options)
        try back.ship(from: follower.simulation.disk)
        #expect(back.store.lastLogged == new.lastLogged)
        #expect(back.store.terms == new.terms)
        #expect(try back.store.digest(now: 30) == new.digest(now: 30))
        #expect(try new.digest(now: 30).ranges.isEmpty == false)
    }
}
