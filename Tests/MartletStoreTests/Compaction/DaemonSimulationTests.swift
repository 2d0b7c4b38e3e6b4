import Foundation
import MartletSimulation
import Testing

@testable import MartletStore

/// `SEED=n tools/test --filter DaemonSimulationTests` replays one seed; `SEEDS=n` runs the first n.
@Suite("A store and its compaction daemons") struct DaemonSimulationTests {
    static var seeds: [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
        let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 200
        return Array(0..<count)
    }

    @Test("daemons do the merging, and reads give what the model says")
    func peace() throws {
        var tables = 0
        for seed in 0..<UInt64(8) {
            let run = try DaemonScenario(seed: seed, daemons: 1 + Int(seed % 3))
            for step in 0..<120 {
                try run.scenario.writeBatch(.written)
                if step % 20 == 19 { try run.scenario.store.compact() }
            }
            try run.settle()
            tables += run.daemons.reduce(0) { $0 + $1.tables }
            let counts = run.scenario.store.desk.status().counts
            #expect(counts.refused == 0 && counts.refusals == 0, "seed \(seed): \(counts)")
        }
        #expect(tables > 200, "daemons wrote \(tables) tables")
    }

    @Test("nothing is lost or left whoever is killed, hangs or fails, and when")
    func cruelty() throws {
        var kills = 0
        var tables = 0
        for seed in Self.seeds {
            do {
                let run = try DaemonScenario(seed: seed, daemons: 1 + Int(seed % 3))
                try cruelty(run)
                kills += run.kills
                tables += run.daemons.reduce(0) { $0 + $1.tables }
            } catch {
                Issue.record(
                    "\(error): SEED=\(seed) tools/test --filter DaemonSimulationTests")
                return
            }
        }
        print("\(Self.seeds.count) seeds, \(kills) kills, \(tables) tables by daemons")
    }

    private func cruelty(_ run: DaemonScenario) throws {
        let scenario = run.scenario
        run.isCruel = true
        for step in 0..<60 {
            do throws(StoreError) {
                switch Int.random(in: 0..<16, using: &scenario.random) {
                case 0: try scenario.store.compact()
                case 1: try scenario.store.flush()
                case 2, 3: _ = scenario.simulation.executor.runOne()
                case 4, 5: try scenario.writeBatch(.synced)
                default: try scenario.writeBatch(.written)
                }
            } catch {
                let known: [StoreError.Code] = [.io, .noSpace, .poisoned, .closed, .busy]
                try #require(known.contains(error.code), "step \(step): \(error)")
            }
            if run.server.isDead || scenario.store.failure != nil {
                try run.restart(powerCut: nil)
                try scenario.check("restarted at step \(step)")
            } else if Int.random(in: 0..<50, using: &scenario.random) == 0 {
                let mode = CrashMode.allCases.randomElement(using: &scenario.random)
                try run.restart(powerCut: mode)
                try scenario.check("power cut at step \(step)")
            }
        }
        try run.settle()
    }
}
