import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The store against its model") struct StoreModelTests {
    @Test("random operations with restarts read as the model", arguments: 0..<25)
    func randomOperations(_ block: Int) throws {
        for seed in UInt64(block * 24)..<UInt64(block * 24 + 24) {
            try run(seed)
        }
    }

    /// Long enough for three levels and for range deletes that reach over several tables.
    @Test("long runs over several levels read as the model", arguments: 0..<20)
    func longRuns(_ block: Int) throws {
        for seed in UInt64(block * 6)..<UInt64(block * 6 + 6) {
            let scenario = try StoreScenario(seed: 3_000_000 + seed)
            scenario.simulation.clock.set(20)
            for step in 0..<450 {
                switch Int.random(in: 0..<40, using: &scenario.random) {
                case 0: try scenario.store.flush()
                case 1: try scenario.store.compact()
                case 2: scenario.simulation.executor.runAll()
                case 3...6: _ = scenario.simulation.executor.runOne()
                case 7: try scenario.writeBatch(.synced)
                default: try scenario.writeBatch(.written)
                }
                if step % 30 == 29 { try scenario.check("step \(step)") }
            }
        }
    }

    @Test("a row that was written behind a range delete survives compactions one level at a time")
    func rowBehindRangeDelete() throws {
        let simulation = Simulation(seed: 1)
        var options = StoreOptions()
        options.diskReserve = 0
        options.levelBase = 1 << 10
        options.levelZeroFiles = 1
        options.compactsAutomatically = false
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        let table = try store.createTable("t", families: [FamilySchema("f")])
        let family = try table.family("f")
        func put(_ row: String) throws {
            var batch = WriteBatch()
            let value = (0..<200).map {
                UInt8(truncatingIfNeeded: ($0 &* 89 &+ row.count) ^ ($0 << 3))
            }
            try batch.put(family, row: row, qualifier: "q", value: value)
            try store.write(batch)
        }
        for number in 100..<160 { try put("a\(number)") }
        try put("c")
        try store.compact()
        var batch = WriteBatch()
        try batch.deleteRange(table, from: "b", to: "d")
        try store.write(batch)
        try put("b")
        try store.flush()
        // Level 0 into the one above the last: "b" lies at its bottom, the range delete does not.
        let tree = store.currentCatalog.trees[0]
        let plan = try #require(
            store.picker(of: tree).pick(tree.currentView.version, now: simulation.clock.now()))
        try #require(plan.outputLevel < TreeVersion.levelCount - 1)
        try store.run(plan, in: tree)
        #expect(try store.get(family, row: "b", qualifier: "q") != nil)
        #expect(try store.get(family, row: "c", qualifier: "q") == nil)
        try store.compact()
        #expect(try store.get(family, row: "b", qualifier: "q") != nil)
        #expect(try store.get(family, row: "c", qualifier: "q") == nil)
    }

    private func run(_ seed: UInt64) throws {
        let scenario = try StoreScenario(seed: seed)
        scenario.simulation.clock.set(20)
        var snapshots: [Snapshot] = []
        for step in 0..<160 {
            switch Int.random(in: 0..<40, using: &scenario.random) {
            case 0: try scenario.store.flush()
            case 1: try scenario.store.compact()
            case 2: scenario.simulation.executor.runAll()
            case 3:
                snapshots.removeAll()
                try scenario.closeAndReopen()
            case 4: snapshots.append(scenario.store.snapshot())
            case 5: snapshots = Array(snapshots.dropFirst())
            case 6: scenario.simulation.clock.advance(microseconds: 3)
            case 7: _ = scenario.simulation.executor.runOne()
            case 8, 9: try scenario.check("step \(step)")
            case 10:
                if let snapshot = snapshots.randomElement(using: &scenario.random) {
                    try scenario.check(at: snapshot, "step \(step), snapshot")
                }
            case 11: try scenario.writeBatch(.synced)
            default: try scenario.writeBatch(.written)
            }
        }
        try scenario.check("the end")
        snapshots.removeAll()
        try scenario.store.compact()
        try scenario.check("compacted")
        try scenario.closeAndReopen()
        try scenario.check("reopened")
    }
}
