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

    @Test(
        "cut off at any step it has replaced the old store, or left it, or moved it aside",
        arguments: CrashMode.allCases)
    func everyStep(_ mode: CrashMode) throws {
        var n: UInt64 = 1
        var wasHit = true
        while wasHit {
            let test = RestoreTests()
            wasHit = try test.cut(at: n, mode)
            n += 1
        }
        #expect(n > 20)
    }

    private func cut(at n: UInt64, _ mode: CrashMode) throws -> Bool {
        let store = try makeCopy()
        try store.close()
        simulation.executor.runAll()
        disk.failOperation(at: disk.operations + n, .powerCut)
        let start = disk.operations
        let report = try? restore(to: "/store", aside: "/old")
        let wasHit = disk.operations >= start + n
        simulation.crash(seed: n, mode: mode)
        if !disk.exists("/store") {
            // Between the two renames: the old store is whole, and the next attempt goes through.
            #expect(try has(open("/old"), "later"), "cut at \(n)")
            _ = try restore(to: "/store")
        }
        let found = try open("/store")
        #expect(report == nil || found.epoch == report?.epoch, "cut at \(n)")
        #expect(try has(found, "logged"), "cut at \(n)")
        #expect(try has(found, "later") == (found.epoch == store.epoch), "cut at \(n)")
        return wasHit
    }
}
