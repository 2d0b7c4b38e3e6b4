import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A checkpoint beside writers") struct CheckpointModelTests {
    @Test("is the model at one moment, whatever goes on meanwhile", arguments: 0..<20)
    func beside(_ block: Int) throws {
        for seed in UInt64(block * 6)..<UInt64(block * 6 + 6) { try run(seed) }
    }

    private func run(_ seed: UInt64) throws {
        var busy: BusyDisk?
        let scenario = try StoreScenario(seed: 3_000_000 + seed) { disk in
            let made = BusyDisk(disk)
            busy = made
            return made
        }
        scenario.simulation.clock.set(20)
        scenario.simulation.disk.allowsLinks = seed % 3 != 0
        var failure: (any Error)?
        for number in 0..<3 {
            for _ in 0..<40 { try step(scenario) }
            let since = scenario.batchEnds.last ?? 0
            busy?.meanwhile = {
                do {
                    for _ in 0..<Int.random(in: 0...6, using: &scenario.random) {
                        try step(scenario)
                    }
                } catch {
                    failure = error
                }
            }
            let report = try scenario.store.checkpoint(at: "/copy-\(number)")
            busy?.meanwhile = nil
            if let failure { throw failure }
            #expect(report.sequence >= since, "seed \(seed)")
            #expect(report.epoch == scenario.store.epoch)
            #expect(report.linkedTables == (seed % 3 != 0 ? report.tables : 0))
            try scenario.check("seed \(seed), behind checkpoint \(number)")
        }
        // All of them again, now that the store has gone on and what they link to is long gone.
        try scenario.store.compact()
        for number in 0..<3 {
            try scenario.checkCopy(at: "/copy-\(number)", since: 0, "copy \(number)")
        }
        try scenario.closeAndReopen()
        try scenario.check("the source, reopened")
    }

    func step(_ scenario: StoreScenario) throws {
        switch Int.random(in: 0..<40, using: &scenario.random) {
        case 0: try scenario.store.flush()
        case 1: try scenario.store.compact()
        case 2: scenario.simulation.executor.runAll()
        case 3...6: _ = scenario.simulation.executor.runOne()
        case 7: try scenario.writeBatch(.synced)
        default: try scenario.writeBatch(.written)
        }
    }

    @Test("a family that is made meanwhile is not in it, and nothing of it is")
    func familyMeanwhile() throws {
        var busy: BusyDisk?
        let scenario = try StoreScenario(seed: 5) { disk in
            let made = BusyDisk(disk)
            busy = made
            return made
        }
        for _ in 0..<20 { try scenario.writeBatch(.written) }
        var number = 0
        busy?.meanwhile = {
            do {
                let table = try scenario.store.createTable(
                    "new-\(number)", families: [FamilySchema("f")])
                var batch = WriteBatch()
                try batch.put(table.family("f"), row: "row", qualifier: "q", value: "v")
                try scenario.store.write(batch)
                number += 1
            } catch {
                Issue.record("\(error)")
            }
        }
        _ = try scenario.store.checkpoint(at: "/copy")
        busy?.meanwhile = nil
        #expect(number > 5)
        let copy = try Store.open(
            at: "/copy", options: scenario.options, environment: scenario.simulation.environment)
        #expect(copy.tables.count < number)
        for table in copy.tables where table.name.hasPrefix("new-") {
            // Made before the moment; its one row may be behind it.
            _ = try copy.get(table, row: "row")
        }
    }
}
