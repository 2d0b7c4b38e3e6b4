import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A follower") struct FollowerTests {
    private let scenario: StoreScenario
    private let follower: FollowerFixture

    init() throws {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.memtableSize = 4 << 10
        options.compactsAutomatically = false
        scenario = try StoreScenario(seed: 77, options: options)
        scenario.simulation.clock.set(20)
        follower = try FollowerFixture(of: scenario.store, seed: 78, options: options)
    }

    private var disk: SimulatedDisk { scenario.simulation.disk }
    private var store: Store { follower.store }

    private func write(_ count: Int) throws {
        for _ in 0..<count { try scenario.writeBatch(.synced) }
    }

    @Test("has the primary's log record for record, and reads as it does")
    func same() throws {
        try write(60)
        #expect(scenario.store.log?.segments.count ?? 0 > 1)
        try follower.ship(from: disk)
        #expect(store.lastLogged == scenario.store.lastLogged)
        #expect(store.terms == scenario.store.terms)
        try scenario.check(store, at: store.lastLogged, "shipped")
        let (ours, theirs) = (try records(of: disk), try records(of: follower.simulation.disk))
        let isSame = ours == theirs
        #expect(isSame)
        try follower.closeAndReopen()
        try scenario.check(store, at: store.lastLogged, "reopened")
        #expect(store.role == .follower)
        try store.compact()
        try write(20)
        try follower.ship(from: disk)
        try scenario.check(store, at: scenario.store.lastLogged, "on")
        let report = try StoreVerifier.run(
            directory: "/store", environment: follower.simulation.environment)
        #expect(report.isSound, "\(report.errors)")
    }

    private func records(of disk: SimulatedDisk) throws -> [ShippedRecord] {
        let tail = LogTail(disk, directory: "/store/log", storeID: store.id, next: 1)
        var records: [ShippedRecord] = []
        while true {
            let group = try tail.read(upTo: nil, bytes: 1 << 20)
            if group.isEmpty { return records }
            records += group
        }
    }

    @Test("takes no writes and makes no tables of its own")
    func refused() throws {
        var batch = WriteBatch()
        try write(1)
        try follower.ship(from: disk)
        try batch.put(
            store.table("t").family("f0"), row: "r", qualifier: "q", value: "v")
        #expect(storeError { try store.write(batch) }?.code == .fenced)
        let made = storeError { try store.createTable("u", families: [FamilySchema("f")]) }
        #expect(made?.code == .fenced)
        let answers = Answers()
        store.submit(batch) { answers.add($0) }
        #expect(answers.codes == [.fenced])
        let term = try #require(store.terms.current)
        let shipped = storeError {
            _ = try scenario.store.appendShipped([], after: 1, in: term.id)
        }
        #expect(shipped?.code == .fenced)
    }

    @Test("refuses what does not follow, before a byte of it is written")
    func order() throws {
        try write(8)
        try follower.ship(from: disk, bytes: 1, groups: 3)
        let last = store.lastLogged
        let term = try #require(store.terms.current?.id)
        let tail = LogTail(
            disk, directory: "/store/log", storeID: store.id, next: last + 1)
        let next = try tail.read(upTo: nil, bytes: 1)
        let later = try tail.read(upTo: nil, bytes: 1)
        let written = store.statistics().logBytesWritten
        func refusal(
            _ records: [ShippedRecord], after previous: UInt64? = nil, in id: TermID? = nil
        ) -> StoreError.Code? {
            storeError {
                _ = try store.appendShipped(records, after: previous ?? last, in: id ?? term)
            }?.code
        }
        #expect(refusal(later) == .invalidArgument)
        #expect(refusal(later, after: later[0].sequence - 1) == .invalidArgument)
        #expect(refusal(next + next) == .invalidArgument)
        #expect(refusal(next, after: last - 1) == .invalidArgument)
        #expect(refusal(next, in: TermID(epoch: 1, incarnation: 3)) == .fenced)
        var wrong = next
        wrong[0].epoch = 2
        #expect(refusal(wrong) == .invalidArgument)
        wrong = next
        wrong[0].payload.removeLast()
        #expect(refusal(wrong) == .corruption)
        wrong = next
        wrong[0].payload[13] = 77
        #expect(refusal(wrong) == .notFound)
        wrong[0] = ShippedRecord(kind: .gap, epoch: 1, sequence: last + 1, payload: [])
        #expect(refusal(wrong) == .invalidArgument)
        #expect(store.statistics().logBytesWritten == written)
        #expect(store.failure == nil)
        #expect(try store.appendShipped(next, after: last, in: term) == later[0].sequence - 1)
    }

    @Test("follows its primary through unclean stops, gaps and a new life, term by term")
    func terms() throws {
        try write(5)
        try follower.ship(from: disk)
        try scenario.writeBatch(.skipLog)
        try write(3)
        try follower.ship(from: disk)
        #expect(store.lastLogged == scenario.store.lastLogged)
        for round in UInt64(0)..<3 {
            try scenario.crashAndReopen(seed: round, mode: .keepAll)
            try write(round == 1 ? 0 : 4)
        }
        try follower.ship(from: disk)
        #expect(store.terms == scenario.store.terms)
        #expect(store.terms.terms.count == 4)
        #expect(store.cursorEpoch == scenario.store.cursorEpoch)
        try follower.closeAndReopen()
        #expect(store.terms == scenario.store.terms, "a follower's opening begins no term")
        try write(2)
        try follower.ship(from: disk)
        #expect(store.lastLogged == scenario.store.lastLogged)
    }

    @Test("begins a term only where its log ends, and keeps its promise")
    func promises() throws {
        try write(3)
        try follower.ship(from: disk)
        let end = store.lastLogged
        func term(_ epoch: UInt32, _ incarnation: UInt64, from first: UInt64) -> Term {
            Term(
                epoch: epoch, incarnation: incarnation, firstSequence: first, keepsCursors: false)
        }
        #expect(storeError { try store.beginTerm(term(2, 9, from: end)) }?.code == .invalidArgument)
        #expect(
            storeError { try store.beginTerm(term(2, 9, from: end + 2)) }?.code == .invalidArgument)
        let first = try #require(store.terms.current)
        let promoted = try TermHistory([first, term(4, 9, from: end + 1)])
        let rival = try TermHistory([first, term(4, 8, from: end + 1)])
        let restarted = try TermHistory(promoted.terms + [term(4, 10, from: end + 5)])
        try store.promise(to: promoted)
        try follower.crashAndReopen(seed: 3, mode: .loseAll)
        #expect(store.promise == TermID(epoch: 4, incarnation: 9))
        #expect(storeError { try store.promise(to: rival) }?.code == .fenced)
        #expect(storeError { try store.promise(to: scenario.store.terms) }?.code == .fenced)
        try store.promise(to: promoted)
        try store.promise(to: restarted)
        #expect(store.promise == TermID(epoch: 4, incarnation: 10))
        #expect(store.epoch == 1)
        try store.beginTerm(term(4, 9, from: end + 1))
        try store.beginTerm(term(4, 9, from: end + 1))
        #expect(store.epoch == 4 && store.cursorEpoch == 4)
    }

    @Test("makes the primary's families once, and no others")
    func catalog() throws {
        let catalog = scenario.store.shippedCatalog
        try store.adoptCatalog(catalog)
        try store.adoptCatalog(catalog)
        #expect(store.shippedCatalog == catalog)
        let bytes = catalog.encoded()
        #expect(try bytes.withUnsafeBytes { try ShippedCatalog(decoding: $0) } == catalog)
        var wrong = catalog
        wrong.entries[1].schema.blockSize += 1
        #expect(storeError { try store.adoptCatalog(wrong) }?.code == .invalidArgument)
        wrong = catalog
        wrong.entries.append(
            ShippedCatalog.Entry(tree: 5, table: "u", schema: FamilySchema("f")))
        #expect(storeError { try store.adoptCatalog(wrong) }?.code == .invalidArgument)
        wrong.entries[2].tree = 2
        wrong.entries[2].schema.blockSize = 3
        #expect(storeError { try store.adoptCatalog(wrong) }?.code == .invalidArgument)
        #expect(store.shippedCatalog == catalog)
        try scenario.store.createTable("u", families: [FamilySchema("x"), FamilySchema("y")])
        try store.adoptCatalog(scenario.store.shippedCatalog)
        try follower.crashAndReopen(seed: 1, mode: .loseAll)
        #expect(store.shippedCatalog == scenario.store.shippedCatalog)
    }

    @Test("a failed sync poisons it; nothing more is acknowledged until it is opened again")
    func poisoned() throws {
        try write(6)
        try follower.ship(from: disk, bytes: 1, groups: 2)
        let end = store.lastLogged
        let other = follower.simulation.disk
        other.failOperation(at: other.operations + 2, .io)
        #expect(storeError { try follower.ship(from: disk, bytes: 1) }?.code == .io)
        #expect(storeError { try follower.ship(from: disk, bytes: 1) }?.code == .poisoned)
        try scenario.check(store, at: end, "poisoned")
        try follower.crashAndReopen(seed: 5, mode: .loseAll)
        try follower.ship(from: disk)
        try scenario.check(store, at: scenario.store.lastLogged, "again")
    }
}
