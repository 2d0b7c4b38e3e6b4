import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A store knows who wrote its log") struct StoreTermTests {
    private let simulation = Simulation(seed: 21)

    private func open(_ path: String = "/store", readOnly: Bool = false) throws -> Store {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.readOnly = readOnly
        return try Store.open(at: path, options: options, environment: simulation.environment)
    }

    private func put(
        _ store: Store, _ row: String, _ durability: Durability = .synced
    ) throws(StoreError) {
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f"), row: row, qualifier: "q", value: row)
        try store.write(batch, durability: durability)
    }

    @Test("A new store is a primary in its first term, and a clean reopening goes on in it")
    func clean() throws {
        let store = try open()
        let term = try #require(store.terms.current)
        #expect(store.terms.terms.count == 1)
        #expect(term.epoch == 1 && term.incarnation != 0 && term.firstSequence == 1)
        #expect(store.role == .primary && store.epoch == 1 && store.cursorEpoch == 1)
        #expect(store.promise == term.id)
        try put(store, "a")
        try store.close()
        let again = try open()
        #expect(again.terms == store.terms)
        #expect(again.lastLogged == 1)
    }

    @Test("Behind an unclean stop another term of the epoch begins, and cursors hold")
    func unclean() throws {
        let store = try open()
        try put(store, "a")
        try put(store, "lost", .written)
        simulation.crash(seed: 1, mode: .loseAll)
        let again = try open()
        #expect(again.terms.terms.count == 2)
        let term = try #require(again.terms.current)
        #expect(term.epoch == 1 && term.firstSequence == 2 && term.keepsCursors)
        #expect(term.incarnation != store.terms.current?.incarnation)
        #expect(again.epoch == 1 && again.cursorEpoch == 1)
        // Who was shipped what was lost has the first record in common, and no more.
        #expect(store.terms.commonEnd(endingAt: 2, with: again.terms, endingAt: 9) == 1)
    }

    @Test("Reading only begins no term")
    func readOnly() throws {
        let store = try open()
        try put(store, "a")
        let terms = store.terms
        simulation.crash(seed: 1, mode: .keepAll)
        #expect(try open(readOnly: true).terms == terms)
        #expect(try open().terms.terms.count == 2)
    }

    @Test("A store made of a copy begins a term behind all that the log has; old cursors fail")
    func restored() throws {
        let store = try open()
        try put(store, "a")
        try store.flush()
        try put(store, "b")
        try store.close()
        simulation.executor.runAll()
        let report = try Store.restore(
            from: "/store", to: "/new", environment: simulation.environment)
        let new = try open("/new")
        #expect(new.terms.terms.count == 2)
        let term = try #require(new.terms.current)
        #expect(term.epoch == report.epoch && term.firstSequence == 3 && !term.keepsCursors)
        #expect(new.cursorEpoch == report.epoch)
        try put(new, "c")
        try new.close()
        #expect(try open("/new").terms == new.terms)
    }

    @Test("A checkpoint begins one when it is opened for writing, once")
    func checkpoint() throws {
        let store = try open()
        try put(store, "a")
        _ = try store.checkpoint(at: "/copy")
        #expect(try open("/copy", readOnly: true).terms == store.terms)
        let copy = try open("/copy")
        #expect(copy.terms.terms.count == 2)
        #expect(copy.terms.current?.firstSequence == 2)
        #expect(copy.epoch > store.epoch && copy.cursorEpoch == copy.epoch)
        try copy.close()
        #expect(try open("/copy").terms == copy.terms)
    }

    @Test("A store from before there were terms has one, and keeps it")
    func old() throws {
        let disk = simulation.disk
        try disk.createDirectory("/store")
        try disk.createDirectory("/store/log")
        try disk.createDirectory("/store/tables")
        for directory in ["/", "/store"] { try disk.syncDirectory(directory) }
        var state = ManifestState(storeID: StoreID(low: 1, high: 2))
        try state.apply(ManifestEdit([.epoch(5)]))
        _ = try ManifestWriter(disk, directory: "/store", number: 1, state: state)
        let first = Term(epoch: 5, incarnation: 0, firstSequence: 1, keepsCursors: false)
        let store = try open()
        #expect(store.terms.terms == [first])
        try put(store, "a")
        simulation.crash(seed: 2, mode: .keepAll)
        let again = try open()
        #expect(again.terms.terms.first == first)
        #expect(again.terms.current?.firstSequence == 2)
        #expect(again.epoch == 5 && again.cursorEpoch == 5)
    }

    /// Records that were shipped and then lost must never share a term with those that take their
    /// sequences. Holds N2.
    @Test(
        "Wherever the power fails, what was lost and what is written next are of two terms",
        arguments: CrashMode.allCases)
    func powerCuts(_ mode: CrashMode) throws {
        let steps = try forEachOperation { n in try cut(at: n, mode) }
        #expect(steps > 20, "opening is too short to mean anything")
    }

    /// Loses a tail, then power again at operation `n` of the next opening; false if it has fewer.
    private func cut(at n: UInt64, _ mode: CrashMode) throws -> Bool {
        let machine = StoreTermTests()
        let disk = machine.simulation.disk
        let store = try machine.open()
        try machine.put(store, "kept")
        for row in 0..<3 { try machine.put(store, "\(row)", .written) }
        let shipped = store.lastLogged
        let before = store.terms
        machine.simulation.crash(seed: n, mode: mode)
        let (wasHit, _) = disk.failing(at: n, .powerCut) {
            try? machine.open()
        }
        machine.simulation.crash(seed: n &+ 1, mode: mode)
        let again = try machine.open()
        let common = try #require(
            before.commonEnd(
                endingAt: shipped, with: again.terms, endingAt: again.lastLogged))
        #expect(common <= again.lastLogged, "cut at \(n) (\(mode))")
        try machine.put(again, "other")
        let now = try #require(
            before.commonEnd(
                endingAt: shipped, with: again.terms, endingAt: again.lastLogged))
        #expect(now == common, "cut at \(n) (\(mode)): what was lost was written again")
        return wasHit
    }
}
