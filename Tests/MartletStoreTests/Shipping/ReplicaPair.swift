import MartletSimulation
import Testing

@testable import MartletStore

/// A primary, beside the model of what it holds, and a follower on another machine. One seed
/// decides all; what a shipper and a follower say to each other is done here in plain calls.
final class ReplicaPair {
    private let seed: UInt64
    private let primary: StoreScenario
    private var follower: FollowerFixture
    private var random: SeededGenerator
    private var seeds = 0
    private var crashes: UInt64 = 0

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed &* 131)
        primary = try StoreScenario(seed: 5_000_000 + seed)
        primary.simulation.clock.set(20)
        follower = try FollowerFixture(
            of: primary.store, seed: seed + 1, options: StoreScenario.options(&random))
    }

    func step(_ number: Int) throws {
        switch Int.random(in: 0..<60, using: &random) {
        case 0: try primary.store.flush()
        case 1: try primary.store.compact()
        case 2: try follower.store.flush()
        case 3: try follower.store.compact()
        case 4...7: _ = primary.simulation.executor.runOne()
        case 8...11: _ = follower.simulation.executor.runOne()
        case 12: try primary.closeAndReopen()
        case 13: try follower.closeAndReopen()
        case 14, 15: try cutPowerOfPrimary()
        case 16, 17: try cutPowerOfFollower()
        case 18: try failOver()
        case 19...33: try ship(atMost: Int.random(in: 1...6, using: &random))
        case 34...38: try primary.writeBatch(.synced)
        default: try primary.writeBatch(.written)
        }
        if number % 20 == 19 { try compare("step \(number)") }
    }

    func end() throws {
        try compare("the end")
        try primary.store.compact()
        try compare("compacted")
        try follower.closeAndReopen()
        try follower.store.compact()
        try compare("both compacted")
        let report = try StoreVerifier.run(
            directory: "/store", environment: follower.simulation.environment)
        try #require(report.isSound, "\(report.errors)")
    }

    /// Ships all, and compares both with the model and with each other.
    private func compare(_ place: String) throws {
        try ship(atMost: .max)
        let (one, two) = (primary.store, follower.store)
        try #require(two.lastLogged == one.lastLogged, "\(place)")
        try #require(two.terms == one.terms, "\(place)")
        try primary.check(place)
        try primary.check(two, at: two.lastLogged, place)
        let now = primary.simulation.clock.now()
        let isSame =
            try one.digest(now: now, cellsPerRange: 7) == two.digest(now: now, cellsPerRange: 7)
        try #require(isSame, "\(place)")
    }

    // MARK: Shipping

    /// What is said at a connection, then some groups.
    private func ship(atMost groups: Int) throws {
        try greet()
        let end = Bool.random(using: &random) ? primary.store.log?.end().end : nil
        let bytes = [1, 60, 300, 5_000].randomElement(using: &random) ?? 1
        do throws(StoreError) {
            try follower.ship(
                from: primary.simulation.disk, upTo: end, bytes: bytes, groups: groups)
        } catch {
            guard error.code == .gone else { throw error }
            try sow()
        }
    }

    /// Histories are compared, and the follower's log cut where they part.
    private func greet() throws {
        let (one, two) = (primary.store, follower.store)
        let common = one.terms.commonEnd(
            endingAt: one.lastLogged, with: two.terms, endingAt: two.lastLogged)
        guard let common else { return try sow() }
        let isKnown = one.terms.terms.contains { $0.id == two.terms.current?.id }
        if common == two.lastLogged, isKnown { return }
        try follower.store.promise(to: one.terms)
        try follower.store.close()
        follower.simulation.executor.runAll()
        do throws(StoreError) {
            let environment = follower.simulation.environment
            let end = try Store.cut(at: "/store", after: common, environment: environment)
            #expect(end == common, "seed \(seed)")
        } catch {
            try follower.reopen()
            guard error.code == .gone else { throw error }
            return try sow()
        }
        try follower.reopen()
        #expect(follower.store.lastLogged == common, "seed \(seed)")
    }

    /// Gives the follower a seed.
    private func sow() throws {
        seeds += 1
        _ = try primary.store.checkpoint(at: "/seed-\(seeds)")
        try? follower.store.close()
        follower.simulation.executor.runAll()
        let disk = follower.simulation.disk
        for (path, bytes) in primary.simulation.disk.files(under: "/seed-\(seeds)") {
            let name = path.dropFirst("/seed-\(seeds)".count)
            disk.replace("/incoming-\(seeds)\(name)", with: bytes)
        }
        try Store.installSeed(
            from: "/incoming-\(seeds)", at: "/store",
            environment: follower.simulation.environment)
        try follower.reopen()
    }

    // MARK: What goes wrong

    private func cutPowerOfPrimary() throws {
        crashes += 1
        let disk = primary.simulation.disk
        let mode = CrashMode.allCases.randomElement(using: &random) ?? .random
        let delay = UInt64.random(in: 1...60, using: &random)
        disk.failOperation(at: disk.operations + delay, .powerCut)
        do {
            for _ in 0..<20 {
                try primary.writeBatch(.written)
                // What is shipped now may be lost by who wrote it.
                if Int.random(in: 0..<6, using: &random) == 0 { try ship(atMost: 2) }
            }
        } catch {
            // The power is off: whatever was under way has failed.
        }
        try primary.crashAndReopen(seed: seed &+ crashes &* 977, mode: mode)
    }

    private func cutPowerOfFollower() throws {
        crashes += 1
        let disk = follower.simulation.disk
        let mode = CrashMode.allCases.randomElement(using: &random) ?? .random
        let before = follower.store.lastLogged
        let delay = UInt64.random(in: 1...40, using: &random)
        disk.failOperation(at: disk.operations + delay, .powerCut)
        var acknowledged = before
        do {
            for _ in 0..<6 {
                try primary.writeBatch(.synced)
                try follower.ship(from: primary.simulation.disk, bytes: 100, groups: 2)
                acknowledged = max(acknowledged, follower.store.lastLogged)
                if Bool.random(using: &random) { try follower.store.flush() }
            }
        } catch {
            // The power is off.
        }
        try follower.crashAndReopen(seed: seed &+ crashes &* 977, mode: mode)
        #expect(
            follower.store.lastLogged >= acknowledged,
            "seed \(seed): a follower lost what it had acknowledged")
    }

    /// The follower is promoted as it is; the old primary comes back as its follower.
    private func failOver() throws {
        try ship(atMost: Int.random(in: 0...9, using: &random))
        if follower.store.tables.isEmpty { return }
        let isTold = Bool.random(using: &random)
        let term = try follower.store.promote(keepsCursors: false)
        if isTold { try primary.store.depose(by: term.id) }
        let old = primary.simulation
        if Bool.random(using: &random) {
            try primary.store.close()
            old.executor.runAll()
        } else {
            crashes += 1
            primary.simulation.crash(seed: seed &+ crashes, mode: .random)
        }
        try Store.becomeFollower(at: "/store", environment: old.environment)
        try primary.move(to: follower.simulation, follower.store, options: follower.options)
        follower = try FollowerFixture(adopting: old, options: StoreScenario.options(&random))
    }
}
