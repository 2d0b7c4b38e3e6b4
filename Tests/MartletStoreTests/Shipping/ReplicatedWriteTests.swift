import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A write that asks for followers") struct ReplicatedWriteTests {
    private let simulation = Simulation(seed: 31)
    private let store: Store
    private let family: Family
    private let term: TermID

    init() throws {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        family = try store.createTable("t", families: [FamilySchema("f")]).family("f")
        term = try #require(store.terms.current?.id)
    }

    private func batch(_ row: String) throws(StoreError) -> WriteBatch {
        var batch = WriteBatch()
        try batch.put(family, row: row, qualifier: "q", value: row)
        return batch
    }

    private func submit(
        _ row: String, _ durability: Durability, _ answers: Answers
    ) throws(StoreError) {
        store.submit(try batch(row), durability: durability) { answers.add($0) }
    }

    private func has(_ row: String, in store: Store? = nil) throws -> Bool {
        try (store ?? self.store).get(family, row: row, qualifier: "q") != nil
    }

    @Test("is refused before a byte is logged while too few are attached")
    func unavailable() throws {
        let error = storeError { try store.write(batch("a"), durability: .replicated(1)) }
        #expect(error?.code == .unavailable && error?.isRetryable == true)
        store.attachFollower("one")
        #expect(
            storeError { try store.write(batch("a"), durability: .replicated(2)) }?.code
                == .unavailable)
        #expect(
            storeError { try store.write(batch("a"), durability: .replicated(-1)) }?.code
                == .invalidArgument)
        #expect(store.statistics().logBytesWritten == 0)
        try store.write(batch("a"), durability: .replicated(0))
        store.detachFollower("one")
        #expect(
            storeError { try store.write(batch("b"), durability: .replicated(1)) }?.code
                == .unavailable)
    }

    @Test("is seen and acknowledged when they have it, and what is behind it waits too")
    func waits() throws {
        store.attachFollower("one")
        let answers = Answers()
        try submit("a", .replicated(1), answers)
        simulation.executor.runAll()
        try submit("b", .synced, answers)
        simulation.executor.runAll()
        try submit("c", .replicated(1), answers)
        simulation.executor.runAll()
        #expect(store.lastLogged == 3)
        #expect(answers.all.isEmpty)
        #expect(try !has("a") && !has("b"))
        store.reportDurable("one", in: TermID(epoch: 1, incarnation: 5), upTo: 9)
        store.reportDurable("one", in: term, upTo: 0)
        #expect(answers.all.isEmpty)
        store.reportDurable("one", in: term, upTo: 1)
        #expect(answers.all == [.success(1), .success(2)])
        #expect(try has("a") && has("b") && !has("c"))
        store.detachFollower("one")
        store.reportDurable("one", in: term, upTo: 3)
        #expect(answers.all.count == 3)
        try store.write(batch("d"))
        #expect(try has("d"))
    }

    @Test("shares its round with all that were logged with it")
    func oneRound() throws {
        store.attachFollower("one")
        let answers = Answers()
        for number in 0..<50 { try submit("\(number)", .replicated(1), answers) }
        let syncs = store.statistics().logSyncs
        simulation.executor.runAll()
        #expect(store.statistics().logSyncs == syncs + 1)
        store.reportDurable("one", in: term, upTo: 50)
        #expect(answers.all == (1...50).map { .success($0) })
    }

    @Test("waits for as many as it asks for")
    func two() throws {
        for name in ["one", "two", "three"] { store.attachFollower(name) }
        let answers = Answers()
        try submit("a", .replicated(2), answers)
        simulation.executor.runAll()
        store.reportDurable("one", in: term, upTo: 1)
        store.reportDurable("one", in: term, upTo: 1)
        #expect(answers.all.isEmpty)
        store.reportDurable("three", in: term, upTo: 1)
        #expect(answers.all == [.success(1)])
    }

    @Test("throws after a time, and is applied when followers have it all the same")
    func indefinite() throws {
        store.attachFollower("one")
        let error = storeError { try store.write(batch("a"), durability: .replicated(1)) }
        #expect(error?.code == .indefinite && error?.isRetryable == false)
        #expect(storeError { try store.write(batch("b")) }?.code == .indefinite)
        #expect(try !has("a"))
        store.reportDurable("one", in: term, upTo: 2)
        #expect(try has("a") && has("b"))
        try store.write(batch("c"))
        try store.close()
    }

    @Test("is never applied once another was promoted; then nothing is written any more")
    func fenced() throws {
        try store.write(batch("before"))
        store.attachFollower("one")
        let answers = Answers()
        try submit("a", .replicated(1), answers)
        simulation.executor.runAll()
        try submit("b", .synced, answers)
        simulation.executor.runAll()
        #expect(storeError { try store.depose(by: term) }?.code == .invalidArgument)
        #expect(store.role == .primary)
        #expect(
            storeError { try store.depose(by: TermID(epoch: 1, incarnation: 9)) }?.code
                == .invalidArgument)
        let other = TermID(epoch: 5, incarnation: 9)
        try store.depose(by: other)
        try store.depose(by: other)
        #expect(answers.codes == [.fenced, .fenced])
        store.reportDurable("one", in: term, upTo: 9)
        #expect(try has("before") && !has("a") && !has("b"))
        #expect(storeError { try store.write(batch("c")) }?.code == .fenced)
        #expect(
            storeError { try store.createTable("u", families: [FamilySchema("f")]) }?.code
                == .fenced)
        simulation.crash(seed: 1, mode: .loseAll)
        let again = try Store.open(
            at: "/store", options: store.options, environment: simulation.environment)
        #expect(again.role == .deposed && again.promise == other)
        #expect(again.terms == store.terms, "a deposed store begins no term")
        #expect(storeError { try again.write(batch("c")) }?.code == .fenced)
        #expect(try has("before", in: again))
        try again.close()
    }

    @Test("is closed over when the store is, and found in the log")
    func closed() throws {
        store.attachFollower("one")
        let answers = Answers()
        try submit("a", .replicated(1), answers)
        simulation.executor.runAll()
        try store.close()
        #expect(answers.codes == [.indefinite])
        #expect(
            try Store.open(
                at: "/store", options: store.options, environment: simulation.environment
            ).lastLogged == 1)
    }

    @Test("Who listens is told where the log ends after each write, nobody else costs anything")
    func listening() throws {
        let ends = Ends()
        try store.write(batch("a"))
        store.replication.listen { ends.add($0) }
        for number in 0..<60 { try store.write(batch("row \(number)"), durability: .written) }
        #expect(ends.all.count == 60)
        #expect(ends.all.last == store.log?.end().end)
        #expect(ends.all.map(\.nextSequence) == Array(3...62))
        store.replication.listen(nil)
        try store.write(batch("b"))
        #expect(ends.all.count == 60)
    }

    /// What a listener was told.
    ///
    /// `@unchecked Sendable`: the list is touched under `monitor` only, by writers and the test.
    private final class Ends: @unchecked Sendable {
        private let monitor = Monitor()
        private var list: [LogEnd] = []
        var all: [LogEnd] { monitor.withLock { list } }
        func add(_ end: LogEnd) { monitor.withLock { list.append(end) } }
    }
}
