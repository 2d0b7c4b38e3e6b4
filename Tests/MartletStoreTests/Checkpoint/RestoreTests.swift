import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A checkpoint becomes a store") struct RestoreTests {
    private let simulation = Simulation(seed: 11)
    private var disk: SimulatedDisk { simulation.disk }

    private func open(_ path: String) throws -> Store {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 8 << 10
        return try Store.open(at: path, options: options, environment: simulation.environment)
    }

    private func put(_ store: Store, _ row: String) throws {
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        var batch = WriteBatch()
        try batch.put(store.table("t").family("f"), row: row, qualifier: "q", value: row)
        try store.write(batch)
    }

    private func has(_ store: Store, _ row: String) throws -> Bool {
        try store.get(store.table("t").family("f"), row: row, qualifier: "q") != nil
    }

    private func makeCopy() throws -> Store {
        let store = try open("/store")
        try put(store, "flushed")
        try store.flush()
        try put(store, "logged")
        _ = try store.checkpoint(at: "/copy")
        try put(store, "later")
        return store
    }

    private func restore(
        to target: String, aside: String? = nil
    ) throws(StoreError) -> CheckpointReport {
        try Store.restore(
            from: "/copy", to: target, movingAside: aside, environment: simulation.environment)
    }

    @Test("with what it held, in a higher epoch, which stays")
    func restored() throws {
        let store = try makeCopy()
        let report = try restore(to: "/new")
        #expect(report.epoch > store.epoch)
        #expect(report.linkedTables == 1)
        for _ in 0..<2 {
            let new = try open("/new")
            #expect(new.epoch == report.epoch)
            #expect(try has(new, "flushed") && has(new, "logged"))
            #expect(try !has(new, "later"))
            try put(new, "another life")
            try new.close()
            simulation.executor.runAll()
        }
        let sound = try StoreVerifier.run(directory: "/new", environment: simulation.environment)
        #expect(sound.isSound, "\(sound.errors)")
    }

    @Test("opened where it is, it raises its epoch, once")
    func openedInPlace() throws {
        simulation.clock.set(1_000_000)
        let store = try makeCopy()
        let first = try open("/copy")
        #expect(first.epoch == store.epoch + 1)
        try first.close()
        let second = try open("/copy")
        #expect(second.epoch == first.epoch)
        try second.close()
    }

    @Test("two stores made of one checkpoint differ in their epochs")
    func twice() throws {
        _ = try makeCopy()
        simulation.clock.set(1_800_000_000_000_000)
        let one = try restore(to: "/one")
        simulation.clock.set(1_800_000_001_000_000)
        let two = try restore(to: "/two")
        #expect(one.epoch == 1_800_000_000)
        #expect(two.epoch == 1_800_000_001)
    }

    @Test("a clock that went back does not lower the epoch of the store that is replaced")
    func clockBack() throws {
        _ = try makeCopy()
        simulation.clock.set(1_800_000_000_000_000)
        let one = try restore(to: "/new")
        simulation.clock.set(1_000_000)
        let two = try restore(to: "/new", aside: "/old")
        #expect(two.epoch == one.epoch + 1)
    }

    @Test("a store that is there is replaced only when asked, and kept aside")
    func replaced() throws {
        let store = try makeCopy()
        #expect(storeError { _ = try restore(to: "/store") }?.code == .alreadyExists)
        #expect(storeError { _ = try restore(to: "/store", aside: "/old") }?.code == .locked)
        try store.close()
        simulation.executor.runAll()
        _ = try restore(to: "/store", aside: "/old")
        let old = try open("/old")
        #expect(try has(old, "later"))
        let new = try open("/store")
        #expect(try !has(new, "later"))
        #expect(new.epoch > old.epoch)
    }

    @Test("a checkpoint that is open, or is none, is refused")
    func refused() throws {
        #expect(storeError { _ = try restore(to: "/new") }?.code == .notFound)
        _ = try makeCopy()
        let opened = try open("/copy")
        #expect(storeError { _ = try restore(to: "/new") }?.code == .locked)
        try opened.close()
        #expect(!disk.exists("/new") && !disk.exists("/new.partial"))
    }

    @Test("an empty directory is in nobody's way")
    func emptyTarget() throws {
        _ = try makeCopy()
        try disk.createDirectory("/new")
        _ = try restore(to: "/new")
        #expect(try has(open("/new"), "logged"))
    }

    /// What is done after the cut.
    enum Recovery: CaseIterable { case opening, again }

    @Test(
        "cut off at any step it has replaced the old store, or left it: for whoever opens it next",
        arguments: CrashMode.allCases, Recovery.allCases)
    func everyStep(_ mode: CrashMode, _ recovery: Recovery) throws {
        var epochs: Set<Bool> = []
        let steps = try forEachOperation { n in
            let test = RestoreTests()
            let (wasHit, isNew) = try test.cut(at: n, mode, recovery)
            epochs.insert(isNew)
            return wasHit
        }
        #expect(steps > 20)
        #expect(epochs.count == (recovery == .opening ? 2 : 1))
    }

    private func cut(
        at n: UInt64, _ mode: CrashMode, _ recovery: Recovery
    ) throws -> (wasHit: Bool, isNew: Bool) {
        let store = try makeCopy()
        try store.close()
        simulation.executor.runAll()
        let (wasHit, report) = disk.failing(at: n, .powerCut) {
            try? restore(to: "/store", aside: "/old")
        }
        simulation.crash(seed: n, mode: mode)
        if recovery == .again {
            // The command takes another name for what is there each time.
            _ = try restore(to: "/store", aside: "/old-2")
        }
        let found = try open("/store")
        let isNew = found.epoch != store.epoch
        #expect(report == nil || isNew, "cut at \(n)")
        #expect(try has(found, "logged"), "cut at \(n)")
        #expect(try has(found, "later") == !isNew, "cut at \(n)")
        if isNew {
            // The old one is there, under one of the two names and whole.
            let aside = disk.exists("/old/CURRENT") ? "/old" : "/old-2"
            #expect(try has(open(aside), "later"), "cut at \(n)")
        }
        #expect(!disk.exists("/store.partial") || !isNew, "cut at \(n)")
        return (wasHit, isNew)
    }

    @Test("a cut while a finished copy is cleared away never leaves one that looks finished")
    func clearing() throws {
        let steps = try forEachOperation { n in
            let test = RestoreTests()
            return try test.cutWhileClearing(at: n)
        }
        #expect(steps > 5)
    }

    private func cutWhileClearing(at n: UInt64) throws -> Bool {
        let store = try makeCopy()
        try store.close()
        simulation.executor.runAll()
        // A finished copy, which a cut has kept from its name.
        _ = try restore(to: "/new")
        try disk.rename("/new", to: "/new.partial")
        try disk.syncDirectory("/")
        let (wasHit, _) = disk.failing(at: n, .powerCut) {
            try? restore(to: "/new")
        }
        simulation.crash(seed: n, mode: .random)
        let found = try open("/new")
        if !found.tables.isEmpty { #expect(try has(found, "flushed"), "cut at \(n)") }
        return wasHit
    }
}
