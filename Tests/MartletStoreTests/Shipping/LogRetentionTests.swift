import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Log that only followers need") struct LogRetentionTests {
    private let simulation = Simulation(seed: 61)

    private func open(retaining bytes: UInt64) throws -> Store {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.logRetainedBytes = bytes
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        return store
    }

    /// Some segments of log, all of it in tables.
    private func fill(_ store: Store, _ rows: Range<Int>) throws {
        let family = try store.table("t").family("f")
        for row in rows {
            var batch = WriteBatch()
            try batch.put(
                family, row: "\(row)", qualifier: "q", value: [UInt8](repeating: 1, count: 400))
            try store.write(batch)
        }
        try store.flush()
    }

    private func read(from next: UInt64, _ store: Store) throws -> [UInt64] {
        let tail = LogTail(
            simulation.disk, directory: "/store/log", storeID: store.id, next: next)
        return try tail.read(upTo: nil, bytes: 1 << 20).map(\.sequence)
    }

    private var files: Int { simulation.disk.files(under: "/store/log").count }

    @Test("is given up at once where nobody asked to keep it")
    func nothing() throws {
        let store = try open(retaining: 0)
        try fill(store, 0..<60)
        #expect(store.statistics().logRetainedBytes == 0)
        #expect(files <= 3)
        #expect(storeError { _ = try read(from: 1, store) }?.code == .gone)
    }

    @Test("is kept until the last follower has passed it, also over a restart")
    func kept() throws {
        var store = try open(retaining: 1 << 20)
        try fill(store, 0..<60)
        #expect(store.statistics().logRetainedBytes > 20_000)
        #expect(try read(from: 1, store) == Array(1...60))
        try store.close()
        simulation.executor.runAll()
        store = try open(retaining: 1 << 20)
        #expect(try read(from: 1, store) == Array(1...60))
        try store.retainLog(from: 31)
        #expect(try read(from: 31, store) == Array(31...60))
        #expect(storeError { _ = try read(from: 1, store) }?.code == .gone)
        try fill(store, 60..<90)
        #expect(try read(from: 31, store) == Array(31...90))
        try store.retainLog(from: .max)
        #expect(store.statistics().logRetainedBytes == 0)
        #expect(files <= 3)
        let report = try StoreVerifier.run(
            directory: "/store", environment: simulation.environment)
        #expect(report.isSound, "\(report.errors)")
    }

    @Test("is never more than what was allowed")
    func capped() throws {
        let store = try open(retaining: 12 << 10)
        try store.retainLog(from: 1)
        try fill(store, 0..<90)
        #expect(store.statistics().logRetainedBytes <= 12 << 10)
        #expect(store.statistics().logRetainedBytes > 0)
        #expect(storeError { _ = try read(from: 1, store) }?.code == .gone)
        #expect(try read(from: 75, store) == Array(75...90))
    }

    @Test("is none of the store's after a crash in the middle of giving it up", arguments: 0..<30)
    func crashes(_ seed: UInt64) throws {
        var store = try open(retaining: 20 << 10)
        try fill(store, 0..<30)
        simulation.disk.failOperation(at: simulation.disk.operations + 1 + seed * 7, .powerCut)
        do {
            try fill(store, 30..<90)
            try store.retainLog(from: 60)
        } catch {
            // The power is off.
        }
        simulation.crash(seed: seed)
        store = try open(retaining: 20 << 10)
        let family = try store.table("t").family("f")
        for row in 0..<30 {
            #expect(try store.get(family, row: "\(row)", qualifier: "q") != nil, "seed \(seed)")
        }
        try fill(store, 90..<100)
        let last = store.lastLogged
        #expect(try read(from: last, store) == [last], "seed \(seed)")
    }
}
