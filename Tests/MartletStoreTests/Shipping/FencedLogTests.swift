import MartletSimulation
import Testing

@testable import MartletStore

@Suite("What a deposed primary has logged and not applied") struct FencedLogTests {
    /// Whoever was promoted may have those records, and follows on from them.
    @Test("stays in its log, whatever is flushed")
    func flushed() throws {
        let simulation = Simulation(seed: 5)
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.compactsAutomatically = false
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
        let answers = Answers()
        for row in 0..<6 {
            store.submit(try batch("waits \(row)"), durability: .replicated(1)) {
                answers.add($0)
            }
            simulation.executor.runAll()
        }
        #expect(answers.all.isEmpty)
        try store.depose(by: TermID(epoch: 5, incarnation: 1))
        #expect(answers.codes == Array(repeating: .fenced, count: 6))
        try store.flush()
        try store.close()

        let again = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        #expect(again.lastLogged == 7)
        for row in 0..<6 {
            #expect(try again.get(family, row: "waits \(row)", qualifier: "q") != nil, "\(row)")
        }
    }
}
