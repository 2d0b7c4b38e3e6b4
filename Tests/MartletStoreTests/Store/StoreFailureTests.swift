import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The n-th disk operation fails") struct StoreFailureTests {
    @Test(
        "open, write, flush, compact and recover survive a failure of every single operation",
        arguments: [DiskFailure.io, .noSpace, .shortWrite], [CrashMode.loseAll, .keepAll])
    func everyOperation(_ failure: DiskFailure, _ mode: CrashMode) throws {
        let steps = try forEachOperation { n in try run(n, failure, mode) }
        #expect(steps > 100, "the scenario is too short to mean anything")
    }

    private static var options: StoreOptions {
        var options = StoreOptions()
        options.memtableSize = 4 << 10
        options.logSegmentSize = 4 << 10
        options.tableFileSize = 4 << 10
        options.levelZeroFiles = 2
        options.diskReserve = 0
        return options
    }

    /// Runs the scenario with operation `n` failing; false if it has fewer operations.
    private func run(_ n: UInt64, _ failure: DiskFailure, _ mode: CrashMode) throws -> Bool {
        let simulation = Simulation(seed: n)
        simulation.disk.failOperation(at: n, failure)
        var acknowledged: [UInt8] = []
        do {
            for round in 0..<2 {
                let store = try Store.open(
                    at: "/store", options: Self.options, environment: simulation.environment)
                try write(store, UInt8(round), &acknowledged)
                try store.close()
                simulation.executor.runAll()
            }
        } catch {
            #expect(error is StoreError)
        }
        let wasHit = simulation.disk.operations >= n
        simulation.crash(seed: n, mode: mode)
        try verify(simulation, acknowledged, "operation \(n) fails (\(failure), \(mode))")
        return wasHit
    }

    private func write(
        _ store: Store, _ round: UInt8, _ acknowledged: inout [UInt8]
    ) throws {
        if store.tables.isEmpty {
            try store.createTable("t", families: [FamilySchema("f")])
        }
        let family = try store.table("t").family("f")
        for index in 0..<24 {
            let key = round * 100 + UInt8(index)
            var batch = WriteBatch()
            try batch.put(
                family, row: [key], qualifier: [UInt8](),
                value: [UInt8](repeating: key, count: 300))
            if try isWritten(batch, store) { acknowledged.append(key) }
        }
        try store.flush()
        try store.compact()
    }

    /// False for a write that was refused with nothing done: the next one may succeed.
    private func isWritten(_ batch: WriteBatch, _ store: Store) throws -> Bool {
        do {
            try store.write(batch)
            return true
        } catch {
            if error.isRetryable { return false }
            throw error
        }
    }

    private func verify(
        _ simulation: Simulation, _ acknowledged: [UInt8], _ place: String
    ) throws {
        let store = try Store.open(
            at: "/store", options: Self.options, environment: simulation.environment)
        guard let family = try? store.table("t").family("f") else {
            #expect(acknowledged.isEmpty, "\(place): the table is gone")
            return
        }
        for key in acknowledged {
            let value = try store.get(family, row: [key], qualifier: [UInt8]())
            #expect(value == [UInt8](repeating: key, count: 300), "\(place): \(key) is lost")
        }
        try store.compact()
        #expect(try store.get(family, row: [255], qualifier: [UInt8]()) == nil)
        try store.close()
    }
}
