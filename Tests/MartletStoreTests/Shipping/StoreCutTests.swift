import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A log is cut") struct StoreCutTests {
    private static var options: StoreOptions {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.compactsAutomatically = false
        return options
    }

    /// A store that was deposed, stopped without a close, with some of its log in tables.
    private func prepare(_ seed: UInt64) throws -> (scenario: StoreScenario, flushed: UInt64) {
        let scenario = try StoreScenario(seed: seed, options: Self.options)
        scenario.simulation.clock.set(20)
        for _ in 0..<20 { try scenario.writeBatch(.synced) }
        try scenario.store.flush()
        let flushed = scenario.store.lastLogged
        for step in 0..<60 {
            try scenario.writeBatch(step % 5 == 0 ? .synced : .written)
            if step == 30 { try scenario.closeAndReopen() }
        }
        try scenario.writeBatch(.synced)
        try scenario.store.depose(by: TermID(epoch: 9, incarnation: 1))
        scenario.simulation.crash(seed: seed, mode: .keepAll)
        return (scenario, flushed)
    }

    private func cut(_ scenario: StoreScenario, after sequence: UInt64) throws(StoreError) -> UInt64
    {
        try Store.cut(
            at: "/store", after: sequence, environment: scenario.simulation.environment)
    }

    private func open(_ scenario: StoreScenario, readOnly: Bool = false) throws -> Store {
        var options = scenario.options
        options.readOnly = readOnly
        return try Store.open(
            at: "/store", options: options, environment: scenario.simulation.environment)
    }

    @Test("at the end of any batch, and reads as the model there", arguments: 0..<12)
    func anywhere(_ seed: UInt64) throws {
        let (scenario, flushed) = try prepare(seed)
        let ends = scenario.batchEnds.filter { $0 >= flushed }
        var at = try #require(ends.randomElement(using: &scenario.random))
        for round in 0..<2 {
            #expect(try cut(scenario, after: at) == at, "seed \(seed)")
            try scenario.check(try open(scenario, readOnly: true), at: at, "reading only")
            let report = try StoreVerifier.run(
                directory: "/store", environment: scenario.simulation.environment)
            #expect(report.isSound, "seed \(seed): \(report.errors)")
            let store = try open(scenario)
            #expect(store.lastLogged == at && store.role == .deposed, "seed \(seed)")
            #expect(store.promise == TermID(epoch: 9, incarnation: 1))
            try scenario.check(store, at: at, "seed \(seed), cut \(round)")
            scenario.simulation.crash(seed: seed, mode: .loseAll)
            let earlier = ends.filter { $0 <= at }
            at = try #require(earlier.randomElement(using: &scenario.random))
        }
    }

    @Test("to where a follower goes on with other records, which are then all there is")
    func goesOn() throws {
        let (scenario, flushed) = try prepare(50)
        let at = try #require(scenario.batchEnds.last { $0 <= flushed + 40 })
        try Store.becomeFollower(
            at: "/store", environment: scenario.simulation.environment)
        _ = try cut(scenario, after: at)
        let store = try open(scenario)
        #expect(store.role == .follower)
        let term = Term(epoch: 9, incarnation: 1, firstSequence: at + 1, keepsCursors: false)
        try store.beginTerm(term)
        var batch = WriteBatch()
        let family = try store.table("t").family("f0")
        for row in 0..<30 {
            try batch.put(family, row: [9, UInt8(row)], qualifier: [1], value: [1])
        }
        let record = ShippedRecord(
            kind: .batch, epoch: 9, sequence: at + 1,
            payload: [UInt8](repeating: 0, count: 8) + Array(batch.storage.bytes))
        let last = try store.appendShipped([record], after: at, in: term.id)
        #expect(last == at + 30)
        for mode in [CrashMode.loseAll, .keepAll] {
            scenario.simulation.crash(seed: 3, mode: mode)
            let again = try open(scenario)
            #expect(again.lastLogged == last)
            #expect(try again.get(family, row: [9, 29], qualifier: [1]) != nil)
            #expect(again.terms.current == term)
        }
    }

    @Test("not where tables hold what would go, nor inside of a batch, nor on a primary")
    func refused() throws {
        let (scenario, flushed) = try prepare(60)
        let before = scenario.simulation.disk.operations
        #expect(storeError { _ = try cut(scenario, after: flushed - 1) }?.code == .gone)
        #expect(storeError { _ = try cut(scenario, after: 0) }?.code == .gone)
        let ends = Set(scenario.batchEnds)
        let inside = try #require((flushed...).first { !ends.contains($0) })
        #expect(storeError { _ = try cut(scenario, after: inside) }?.code == .corruption)
        #expect(scenario.simulation.disk.operations > before)
        let store = try open(scenario)
        #expect(store.lastLogged == scenario.batchEnds.last)
        #expect(storeError { _ = try cut(scenario, after: flushed) }?.code == .locked)
        let other = try StoreScenario(seed: 61, options: Self.options)
        try other.writeBatch(.synced)
        try other.store.close()
        #expect(storeError { _ = try cut(other, after: 0) }?.code == .invalidArgument)
    }

    /// After the power failed at any step the tail is all there, with its terms, or gone for good.
    @Test("wholly or not at all, wherever the power fails", arguments: CrashMode.allCases)
    func everyStep(_ mode: CrashMode) throws {
        let steps = try forEachOperation { n in try run(cutOffAt: n, mode) }
        #expect(steps > 30, "the cut is too short to mean anything")
    }

    private func run(cutOffAt n: UInt64, _ mode: CrashMode) throws -> Bool {
        let (scenario, flushed) = try prepare(70)
        let place = "power off at \(n) (\(mode))"
        let disk = scenario.simulation.disk
        let end = try #require(scenario.batchEnds.last)
        let at = try #require(scenario.batchEnds.last { $0 <= (flushed + end) / 2 })
        let (wasHit, done) = disk.failing(at: n, .powerCut) {
            try? cut(scenario, after: at)
        }
        scenario.simulation.crash(seed: n, mode: mode)
        let seen = try open(scenario, readOnly: true)
        let isCut = seen.statistics().visibleSequence == at
        #expect(isCut || seen.statistics().visibleSequence == end, "\(place)")
        #expect(isCut || done == nil, "\(place): a cut that was done is undone")
        // And again while it is opened.
        disk.failOperation(at: disk.operations + 1 + n % 23, .powerCut)
        _ = try? open(scenario)
        scenario.simulation.crash(seed: n &+ 1, mode: mode)
        let store = try open(scenario)
        #expect(store.lastLogged == (isCut ? at : end), "\(place)")
        try scenario.check(store, at: isCut ? at : end, place)
        return wasHit
    }
}
