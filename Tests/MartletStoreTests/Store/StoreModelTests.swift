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
