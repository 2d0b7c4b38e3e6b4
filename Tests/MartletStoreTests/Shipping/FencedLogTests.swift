import MartletSimulation
import Testing

@testable import MartletStore

@Suite("What a primary has logged and not applied") struct FencedLogTests {
    private let simulation = Simulation(seed: 5)

    private var options: StoreOptions {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.compactsAutomatically = false
        return options
    }

    /// A store with a row that is applied, and six in further segments that wait for a follower.
    private func waiting(_ answers: Answers) throws -> Store {
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        let family = try store.createTable("t", families: [FamilySchema("f")]).family("f")
        func batch(_ row: String) throws -> WriteBatch {
            var batch = WriteBatch()
            let value = [UInt8](repeating: 7, count: 1_500)
            try batch.put(family, row: row, qualifier: "q", value: value)
            return batch
        }
        try store.write(try batch("applied"))
        store.attachFollower("x")
        for row in 0..<6 {
            store.submit(try batch("waits \(row)"), durability: .replicated(1)) {
                answers.add($0)
            }
            simulation.executor.runAll()
        }
        #expect(answers.all.isEmpty)
        return store
    }

    private func expectAll() throws {
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        let family = try store.table("t").family("f")
        #expect(store.lastLogged == 7)
        for row in 0..<6 {
            #expect(try store.get(family, row: "waits \(row)", qualifier: "q") != nil, "\(row)")
        }
    }

    /// Whoever was promoted may have those records, and follows on from them.
    @Test("stays in the log of a deposed one, whatever is flushed")
    func flushed() throws {
        let answers = Answers()
        let store = try waiting(answers)
        try store.depose(by: TermID(epoch: 5, incarnation: 1))
        #expect(answers.codes == Array(repeating: .fenced, count: 6))
        try store.flush()
        try store.close()
        try expectAll()
    }

    @Test("stays in the log of one that is closed, though a flush ends behind it")
    func closed() throws {
        let answers = Answers()
        let store = try waiting(answers)
        _ = store.applyLock.withLock { store.currentCatalog.trees.map { $0.freeze() } }
        store.recountDebt()
        store.monitor.withLock { store.scheduleFlush() }
        try store.close()
        #expect(answers.codes == Array(repeating: .indefinite, count: 6))
        try expectAll()
    }
}
