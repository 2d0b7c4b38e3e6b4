import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Comparing two stores") struct StoreComparisonTests {
    /// A primary in `/store` and its follower in `/other`, on one disk.
    private struct Pair {
        let scenario: StoreScenario
        let environment: Environment
        /// The last sequence that the follower has.
        let shared: UInt64

        /// - Parameters:
        ///   - batches: that both have.
        ///   - more: that the primary alone has, written after its tables.
        ///   - flips: whether one bit of `flippedValue` is turned over on the way.
        init(seed: UInt64, batches: Int, more: Int = 0, flips: Bool = false) throws {
            let options = StoreOptions.shipped(memtable: 64 << 10)
            scenario = try StoreScenario(seed: seed, options: options)
            scenario.simulation.clock.set(20)
            let follower = try FollowerFixture(
                of: scenario.store, seed: seed + 1,
                options: .shipped(memtable: 16 << 10))
            for _ in 0..<batches { try scenario.writeBatch(.synced) }
            if flips { try Self.flip(scenario, follower) }
            try follower.ship(from: scenario.simulation.disk)
            shared = follower.store.lastLogged
            try scenario.store.flush()
            scenario.simulation.executor.runAll()
            for _ in 0..<more { try scenario.writeBatch(.synced) }
            try follower.store.close()
            environment = scenario.simulation.environment
            copy(follower.simulation.disk, "/store", to: "/other")
        }

        func reader(_ directory: String) throws -> Store {
            var options = StoreOptions()
            options.readOnly = true
            return try Store.open(at: directory, options: options, environment: environment)
        }

        func copy(_ source: SimulatedDisk, _ from: String, to: String) {
            for (path, bytes) in source.files(under: from) {
                scenario.simulation.disk.replace(to + path.dropFirst(from.count), with: bytes)
            }
        }

        /// Writes a cell and ships it changed: no checksum knows.
        private static func flip(
            _ scenario: StoreScenario, _ follower: FollowerFixture
        ) throws {
            try follower.ship(from: scenario.simulation.disk)
            var batch = WriteBatch()
            try batch.put(
                try scenario.table.family("f0"), row: Self.flippedRow, qualifier: "q",
                value: Self.flippedValue, timestamp: 19)
            try scenario.store.write(batch)
            let tail = LogTail(
                scenario.simulation.disk, directory: "/store/log", storeID: scenario.store.id,
                next: follower.store.lastLogged + 1)
            var records = try tail.read(upTo: nil, bytes: 1 << 20)
            let payload = records[0].payload
            let place = payload.indices.first { payload[$0...].starts(with: Self.flippedValue) }
            records[0].payload[try #require(place)] ^= 4
            let term = try #require(follower.store.terms.current)
            _ = try follower.store.appendShipped(
                records, after: follower.store.lastLogged, in: term.id)
        }

        static let flippedRow: [UInt8] = [2, 2, 2, 2, 2]
        static let flippedValue = Array("the value of which a bit is turned over".utf8)
    }

    @Test("beside a running one, at the last sequence that both have", arguments: 0..<4)
    func running(_ seed: UInt64) throws {
        let pair = try Pair(seed: 50 + seed, batches: 60, more: 5)
        let comparison = StoreComparison(cellsPerRange: 9, environment: pair.environment)
        let report = try comparison.compare("/store", "/other")
        #expect(report.isSame && report.sequence == pair.shared, "seed \(seed)")
        #expect(report.ends.0 > pair.shared && report.ends.1 == pair.shared)
        #expect(report.cells > 0 && report.ranges > 3 && report.cell == nil)
        // The store goes on, and its reader sees what it wrote.
        for _ in 0..<5 { try pair.scenario.writeBatch(.synced) }
        #expect(try comparison.compare("/store", "/other").ends.0 > report.ends.0)
    }

    @Test("is refused where one has tables behind what the other has")
    func gone() throws {
        let pair = try Pair(seed: 5, batches: 40, more: 5)
        try pair.scenario.store.flush()
        pair.scenario.simulation.executor.runAll()
        let comparison = StoreComparison(environment: pair.environment)
        let error = storeError { _ = try comparison.compare("/store", "/other") }
        #expect(error?.code == .gone)
    }

    @Test("names the rows and the cell of one flipped bit", arguments: 0..<6)
    func flipped(_ seed: UInt64) throws {
        let pair = try Pair(seed: 70 + seed, batches: 60, flips: true)
        let comparison = StoreComparison(cellsPerRange: 4, environment: pair.environment)
        let report = try comparison.compare("/store", "/other")
        #expect(!report.isSame && report.commonEnd == pair.shared, "seed \(seed)")
        let (ours, theirs) = try #require(report.difference)
        let (one, two) = (try #require(ours), try #require(theirs))
        let row = Pair.flippedRow
        #expect(one.family == "f0" && one.cells == two.cells && one.value != two.value)
        #expect(one.firstRow == two.firstRow && one.lastRow == two.lastRow)
        #expect(!row.lexicographicallyPrecedes(one.firstRow), "seed \(seed)")
        #expect(!one.lastRow.lexicographicallyPrecedes(row), "seed \(seed)")
        let cell = try #require(report.cell)
        #expect(cell.row == row && cell.qualifier == Array("q".utf8) && cell.timestamp == 19)
        #expect(cell.ours?.value == Pair.flippedValue)
        var changed = Pair.flippedValue
        changed[0] ^= 4
        #expect(cell.theirs?.value == changed)
        // The same without the other store at hand.
        let file = try comparison.digest(of: "/store")
        let remote = try comparison.compare("/other", with: file)
        #expect(!remote.isSame && remote.cell == nil)
        #expect(remote.difference?.0 == two && remote.difference?.1 == one, "seed \(seed)")
    }

    @Test("names a cell that only one has, also in the last family")
    func missing() throws {
        let pair = try Pair(seed: 9, batches: 20)
        for name in ["f0", "f1"] {
            let (one, two) = (try pair.reader("/store"), try pair.reader("/other"))
            let family = try one.table(pair.scenario.table.name).family(name)
            let digest = try one.digest(now: 20, cellsPerRange: 1_000)
            let range = try #require(digest.ranges.first { $0.family == name })
            let found = try CellDifference.first(
                in: (range, nil), of: (one, two), at: pair.shared, now: 20)
            #expect(found == nil, "\(family.schema.name): both have it")
            let none = try Store.open(
                at: "/none", options: .shipped(memtable: 4 << 10), environment: pair.environment)
            let missing = try CellDifference.first(
                in: (range, nil), of: (one, none), at: pair.shared, now: 20)
            #expect(missing?.row == range.firstRow && missing?.theirs == nil)
            #expect(missing?.ours != nil)
            try none.close()
        }
    }

    @Test("with a digest file: until its moment has passed, not before the store is so far")
    func file() throws {
        let pair = try Pair(seed: 31, batches: 30, more: 3)
        let comparison = StoreComparison(cellsPerRange: 5, environment: pair.environment)
        let disk = pair.scenario.simulation.disk
        try comparison.digest(of: "/other").write(to: "/other.digest", disk)
        let file = try DigestFile.read("/other.digest", disk)
        #expect(file.digest.sequence == pair.shared && file.cellsPerRange == 5)
        // Another way of cutting ranges does not matter: the file says how.
        let other = StoreComparison(cellsPerRange: 77, environment: pair.environment)
        let report = try other.compare("/store", with: file)
        #expect(report.isSame && report.sequence == pair.shared && report.cells > 0)
        let ahead = try comparison.digest(of: "/store")
        #expect(
            storeError { _ = try comparison.compare("/other", with: ahead) }?.code
                == .unavailable)
        var stranger = file
        stranger.storeID.low ^= 1
        #expect(
            storeError { _ = try comparison.compare("/store", with: stranger) }?.code
                == .invalidArgument)
        // A log that parted before the digest's end is not the same, whatever the cells say.
        var rival = file
        rival.history = try TermHistory([
            try #require(file.history.terms.first),
            Term(epoch: 9, incarnation: 9, firstSequence: 3, keepsCursors: true),
        ])
        let parted = try comparison.compare("/store", with: rival)
        #expect(!parted.isSame && parted.commonEnd == 2 && parted.difference == nil)
        // What expires until the moment is counted by neither, so a compaction changes nothing.
        let clock = pair.scenario.simulation.clock
        clock.set(file.moment)
        try pair.scenario.store.compact()
        #expect(storeError { _ = try comparison.compare("/store", with: file) }?.code == .gone)
        clock.set(file.moment + 1)
        #expect(
            storeError { _ = try comparison.compare("/store", with: file) }?.code
                == .unsupported)
    }

    @Test("with a digest: what expired and was dropped since makes no difference")
    func expired() throws {
        let pair = try Pair(seed: 33, batches: 60)
        let comparison = StoreComparison(cellsPerRange: 5, environment: pair.environment)
        let file = try comparison.digest(of: "/other")
        pair.scenario.simulation.clock.set(file.moment)
        let before = pair.scenario.store.statistics()
        try pair.scenario.store.compact()
        #expect(pair.scenario.store.statistics().levels != before.levels)
        #expect(try comparison.compare("/store", with: file).isSame)
    }
}
