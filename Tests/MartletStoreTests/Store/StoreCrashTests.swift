import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Power cuts at any moment") struct StoreCrashTests {
    /// 25 × 20 seeds with 5 power cuts each: 2,500 crash points.
    @Test("what was synced survives, and the rest is a prefix of whole batches", arguments: 0..<25)
    func powerCuts(_ block: Int) throws {
        for seed in UInt64(block * 20)..<UInt64(block * 20 + 20) {
            try run(seed)
        }
    }

    private func run(_ seed: UInt64) throws {
        let scenario = try StoreScenario(seed: 1_000_000 + seed)
        scenario.simulation.clock.set(20)
        let modes = CrashMode.allCases
        for crash in 0..<5 {
            let delay = UInt64.random(in: 1...250, using: &scenario.random)
            let disk = scenario.simulation.disk
            disk.failOperation(at: disk.operations + delay, .powerCut)
            writeUntilFailure(scenario)
            let mode = modes.randomElement(using: &scenario.random) ?? .random
            // A second cut while recovering from the first.
            if crash % 2 == 1 {
                scenario.simulation.crash(seed: seed, mode: mode)
                let during = UInt64.random(in: 1...40, using: &scenario.random)
                disk.failOperation(at: disk.operations + during, .powerCut)
                _ = try? Store.open(
                    at: "/store", options: scenario.options,
                    environment: scenario.simulation.environment)
            }
            try scenario.crashAndReopen(seed: seed &+ UInt64(crash) &* 7, mode: mode)
            try scenario.check("after cut \(crash) (\(mode))")
        }
    }

    private func writeUntilFailure(_ scenario: StoreScenario) {
        do {
            for _ in 0..<400 {
                switch Int.random(in: 0..<30, using: &scenario.random) {
                case 0: try scenario.store.flush()
                case 1: try scenario.store.compact()
                case 2, 3: _ = scenario.simulation.executor.runOne()
                case 4...12: try scenario.writeBatch(.synced)
                default: try scenario.writeBatch(.written)
                }
            }
        } catch {
            // The power is off: whatever was under way has failed.
        }
    }
}
