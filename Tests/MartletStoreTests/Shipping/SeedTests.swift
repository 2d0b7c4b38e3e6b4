import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A seed becomes a follower's store") struct SeedTests {
    private static var options: StoreOptions {
        var options = StoreOptions()
        options.diskReserve = 0
        options.logSegmentSize = 4 << 10
        options.compactsAutomatically = false
        return options
    }

    private let scenario: StoreScenario
    private let follower: FollowerFixture
    /// The last sequence that the follower had before, and that the seed has.
    private let old: UInt64
    private let new: UInt64

    init() throws {
        scenario = try StoreScenario(seed: 41, options: Self.options)
        scenario.simulation.clock.set(20)
        follower = try FollowerFixture(of: scenario.store, seed: 42, options: Self.options)
        for _ in 0..<9 { try scenario.writeBatch(.synced) }
        try follower.ship(from: scenario.simulation.disk)
        try follower.store.flush()
        old = follower.store.lastLogged
        for _ in 0..<9 { try scenario.writeBatch(.synced) }
        try scenario.store.flush()
        for _ in 0..<9 { try scenario.writeBatch(.synced) }
        new = try scenario.store.checkpoint(at: "/seed").sequence
        try scenario.writeBatch(.synced)
        try follower.store.close()
        follower.simulation.executor.runAll()
        receive()
    }

    private var disk: SimulatedDisk { follower.simulation.disk }

    /// As if it had come over the wire.
    private func receive() {
        for (path, bytes) in scenario.simulation.disk.files(under: "/seed") {
            disk.replace("/incoming" + path.dropFirst("/seed".count), with: bytes)
        }
    }

    private func install(promise: TermID? = nil) throws(StoreError) {
        try Store.installSeed(
            from: "/incoming", at: "/store", promise: promise,
            environment: follower.simulation.environment)
    }

    private func finish() throws(StoreError) {
        try Store.finishInstall(
            from: "/incoming", at: "/store", environment: follower.simulation.environment)
    }

    @Test("in the primary's epoch and terms, and streams on from there")
    func installs() throws {
        try install()
        #expect(!disk.exists("/incoming") && !disk.exists("/store.replaced"))
        try follower.reopen()
        let store = follower.store
        #expect(store.role == .follower && store.lastLogged == new)
        #expect(store.terms == scenario.store.terms && store.epoch == scenario.store.epoch)
        try scenario.check(store, at: new, "installed")
        try follower.ship(from: scenario.simulation.disk)
        #expect(store.lastLogged == scenario.store.lastLogged)
        #expect(try store.digest(now: 20) == scenario.store.digest(now: 20))
    }

    @Test("where there was none before")
    func fresh() throws {
        try Store.installSeed(
            from: "/incoming", at: "/fresh", environment: follower.simulation.environment)
        let store = try Store.open(
            at: "/fresh", options: Self.options, environment: follower.simulation.environment)
        #expect(store.lastLogged == new && store.role == .follower)
        #expect(
            storeError {
                _ = try Store.becomeFollower(
                    at: "/none", environment: follower.simulation.environment)
            }?.code == .notFound)
    }

    @Test("keeps the promise of the store that it replaces, and refuses to break it")
    func promises() throws {
        try follower.reopen()
        let first = try #require(follower.store.terms.current)
        let promoted = Term(
            epoch: 4, incarnation: 5, firstSequence: old + 1, keepsCursors: false)
        try follower.store.promise(to: try TermHistory([first, promoted]))
        try follower.store.close()
        follower.simulation.executor.runAll()
        #expect(storeError { try install() }?.code == .fenced)
        try follower.reopen()
        #expect(follower.store.lastLogged == old && follower.store.promise == promoted.id)
        try follower.store.close()
        let late = TermID(epoch: 9, incarnation: 1)
        #expect(storeError { try install(promise: late) }?.code == .fenced)
    }

    @Test("not if a bit of it is wrong, nor over a primary or another store")
    func refused() throws {
        let table = try #require(
            disk.files(under: "/incoming/tables").first { $0.bytes.count > 100 })
        disk.flipBit(table.path, offset: 40)
        #expect(storeError { try install() }?.code == .corruption)
        try follower.reopen()
        try scenario.check(follower.store, at: old, "still the old one")
        #expect(storeError { try install() }?.code == .locked)
        try follower.store.close()
        disk.flipBit(table.path, offset: 40)
        let other = try Store.open(
            at: "/other", options: Self.options, environment: follower.simulation.environment)
        try other.close()
        let wrong = storeError {
            try Store.installSeed(
                from: "/incoming", at: "/other", environment: follower.simulation.environment)
        }
        #expect(wrong?.code == .invalidArgument)
        let none = storeError {
            try Store.installSeed(
                from: "/nothing", at: "/store", environment: follower.simulation.environment)
        }
        #expect(none?.code == .notFound)
        try install()
        try follower.reopen()
        #expect(follower.store.lastLogged == new)
    }

    @Test(
        "the old one or the new one, whole, wherever the power fails", arguments: CrashMode.allCases
    )
    func everyStep(_ mode: CrashMode) throws {
        var olds = 0
        let steps = try forEachOperation { n in
            let test = try SeedTests()
            let disk = test.disk
            let (wasHit, isDone) = disk.failing(at: n, .powerCut) {
                (try? test.install()) != nil
            }
            test.follower.simulation.crash(seed: n, mode: mode)
            // And once more while the rest is done.
            disk.failOperation(at: disk.operations + 1 + n % 11, .powerCut)
            try? test.finish()
            test.follower.simulation.crash(seed: n &+ 1, mode: mode)
            try test.finish()
            try test.follower.reopen()
            let store = test.follower.store
            let place = "power off at \(n) (\(mode))"
            let isOld = store.lastLogged == test.old
            #expect(isOld || store.lastLogged == test.new, "\(place)")
            #expect(!isOld || !isDone, "\(place): an installed seed is gone")
            if isOld { olds += 1 }
            try test.scenario.check(store, at: store.lastLogged, place)
            let report = try StoreVerifier.run(
                directory: "/store", environment: test.follower.simulation.environment)
            #expect(report.isSound, "\(place): \(report.errors)")
            #expect(!disk.exists("/store.replaced"), "\(place)")
            return wasHit
        }
        #expect(olds > 10 && steps > 40)
    }
}
