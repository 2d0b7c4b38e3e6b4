import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Digests of two stores") struct DigestTests {
    private func pair(
        _ seed: UInt64, _ batches: Int
    ) throws -> (primary: StoreScenario, follower: FollowerFixture) {
        let scenario = try StoreScenario(seed: seed, options: .shipped(memtable: 4 << 10))
        scenario.simulation.clock.set(20)
        let follower = try FollowerFixture(
            of: scenario.store, seed: seed + 1, options: .shipped(memtable: 16 << 10))
        for _ in 0..<batches { try scenario.writeBatch(.synced) }
        try follower.ship(from: scenario.simulation.disk)
        return (scenario, follower)
    }

    @Test("are equal whatever each has flushed, compacted or expired", arguments: 0..<8)
    func equal(_ seed: UInt64) throws {
        let (scenario, follower) = try pair(seed * 10, 150)
        try scenario.store.compact()
        try follower.store.flush()
        for now in [UInt64(20), 50, 90] {
            let one = try scenario.store.digest(now: now, cellsPerRange: 5)
            let two = try follower.store.digest(now: now, cellsPerRange: 5)
            #expect(one == two, "seed \(seed), at \(now)")
            #expect(one.firstDifference(to: two) == nil)
            #expect(one.ranges.count > 3 || now > 50, "seed \(seed)")
        }
        scenario.simulation.clock.set(70)
        try scenario.store.compact()
        let isSame =
            try scenario.store.digest(now: 70) == follower.store.digest(now: 70)
        #expect(isSame, "seed \(seed), expired")
    }

    @Test("show the first rows that differ")
    func difference() throws {
        let (scenario, follower) = try pair(7, 100)
        let snapshot = scenario.store.snapshot()
        let before = try follower.store.digest(now: 20, cellsPerRange: 3)
        var batch = WriteBatch()
        let family = try scenario.table.family("f1")
        try batch.put(family, row: [2, 2, 0], qualifier: "q", value: "v", timestamp: 19)
        try scenario.store.write(batch)
        let after = try scenario.store.digest(now: 20, cellsPerRange: 3)
        let (ours, theirs) = try #require(after.firstDifference(to: before))
        #expect(ours?.family == "f1" && theirs?.family == "f1")
        let row: [UInt8] = [2, 2, 0]
        #expect(ours.map { !row.lexicographicallyPrecedes($0.firstRow) } == true)
        #expect(ours.map { !$0.lastRow.lexicographicallyPrecedes(row) } == true)
        #expect(
            try scenario.store.digest(at: snapshot, now: 20, cellsPerRange: 3) == before)
    }

    @Test("are computed as the page says")
    func page() throws {
        let simulation = Simulation(seed: 1)
        let store = try Store.open(
            at: "/store", options: .shipped(memtable: 4 << 10), environment: simulation.environment)
        let family = try store.createTable("t", families: [FamilySchema("f")]).family("f")
        var batch = WriteBatch()
        try batch.put(family, row: "ann", qualifier: "name", value: "Ann", timestamp: 7)
        try store.write(batch)
        let digest = try #require(try store.digest().ranges.first)
        let page = try FormatPage.text("formats/digest.md")
        #expect(page.contains("\n\(digest.value)\n"), "the page should have \(digest.value)")
        #expect(digest.value.description.count == 32)
    }
}
