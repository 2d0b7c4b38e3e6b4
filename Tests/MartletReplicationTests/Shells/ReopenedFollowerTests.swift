import MartletSimulation
import MartletStore
import Testing

@testable import MartletReplication

@Suite("A follower's store that could not be opened again") struct ReopenedFollowerTests {
    private static func write(_ store: Store, _ count: Int) throws {
        let family = try store.createTable("notes", families: [FamilySchema("v")]).family("v")
        for row in 0..<count {
            var batch = WriteBatch()
            try batch.put(family, row: "row-\(row)", qualifier: "q", value: "v")
            try store.write(batch)
        }
    }

    /// A cut closes the store; the disk fails until after the opening behind it.
    @Test("is not nothing: its promise and its log count, and it is opened by the next work")
    func failedCut() throws {
        let simulation = Simulation(seed: 3)
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        try Self.write(store, 9)
        try store.close()
        simulation.executor.runAll()
        let follower = try StoreFollower(
            "/store", options: options, environment: simulation.environment)
        let before = follower.state()
        #expect(before.lastSequence == 9 && before.storeID != nil)

        let disk = simulation.disk
        for operation in 1...400 {
            disk.failOperation(at: disk.operations + UInt64(operation), .io)
        }
        guard case .failed = follower.perform(.truncate(after: 7)) else {
            Issue.record("a cut on a failing disk")
            return
        }
        #expect(follower.store == nil)
        let closed = follower.state()
        #expect(closed.storeID == before.storeID && closed.lastSequence == 9)
        #expect(closed.promise == before.promise)
        disk.forgetFailures()

        // Somebody wants to be promoted: it is told what is there, and not that nothing is.
        let term = Term(epoch: 5, incarnation: 8, firstSequence: 1, keepsCursors: false)
        guard case .done(let state) = follower.perform(.promise(try TermHistory([term]))) else {
            Issue.record("no promise")
            return
        }
        #expect(state.promise == term.id && state.storeID == before.storeID)
        #expect(state.lastSequence == 9 || state.lastSequence == 7)
        #expect(follower.store?.promise == term.id)
        try follower.close()
    }
}
