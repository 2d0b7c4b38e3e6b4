import MartletSimulation
import Testing

@testable import MartletStore

/// A store on a simulated machine, beside the model of what it must hold. One seed decides all.
final class StoreScenario {
    let seed: UInt64
    private(set) var simulation: Simulation
    var random: SeededGenerator
    private(set) var options: StoreOptions
    let schemas: [FamilySchema]
    private(set) var store: Store
    private(set) var table: Table
    /// Every mutation committed so far, per family, and where batches end.
    private(set) var history: [[ModelFamily.Mutation]]
    private(set) var batchEnds: [UInt64] = [0]
    /// The last sequence acknowledged as synced.
    private(set) var synced: UInt64 = 0

    /// The simulation's, unless the test puts a disk of its own in front of it.
    private(set) var environment: Environment

    init(
        seed: UInt64, options: StoreOptions? = nil,
        disk: (SimulatedDisk) -> any FileSystem = { $0 }
    ) throws {
        self.seed = seed
        simulation = Simulation(seed: seed)
        var environment = simulation.environment
        environment.fileSystem = disk(simulation.disk)
        self.environment = environment
        random = SeededGenerator(seed: seed &* 31)
        self.options = options ?? StoreScenario.options(&random)
        schemas = StoreScenario.schemas(&random)
        history = Array(repeating: [], count: schemas.count)
        store = try Store.open(
            at: "/store", options: self.options, environment: environment)
        table = try store.createTable("t", families: schemas)
    }

    /// Small and different for every seed, so that flushes, rolls and compactions come often.
    static func options(_ random: inout SeededGenerator) -> StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = [0, 64 << 10, 8 << 20].randomElement(using: &random) ?? 0
        options.memtableSize = [2 << 10, 8 << 10, 64 << 10].randomElement(using: &random) ?? 0
        options.logSegmentSize = [4 << 10, 16 << 10].randomElement(using: &random) ?? 0
        options.logBytesMax = [16 << 10, 256 << 10].randomElement(using: &random) ?? 0
        options.tableFileSize = [2 << 10, 16 << 10].randomElement(using: &random) ?? 0
        options.levelZeroFiles = Int.random(in: 1...4, using: &random)
        options.levelBase = [4 << 10, 64 << 10].randomElement(using: &random) ?? 0
        options.frozenMemtablesMax = Int.random(in: 2...4, using: &random)
        options.verifiesOutputs = true
        options.diskReserve = 0
        return options
    }

    static func schemas(_ random: inout SeededGenerator) -> [FamilySchema] {
        (0..<2).map { index in
            var schema = FamilySchema("f\(index)")
            schema.maxVersions = [nil, 1, 2, 3].randomElement(using: &random) ?? nil
            schema.timeToLive = index == 1 ? [nil, 40].randomElement(using: &random) ?? nil : nil
            schema.blockSize = [1 << 10, 4 << 10].randomElement(using: &random) ?? 1 << 10
            schema.filter =
                [.none, .row, .rowAndPrefix(length: 2)].randomElement(using: &random) ?? .row
            schema.compression = Compression.allCases.randomElement(using: &random) ?? .none
            schema.bottomCompression = Compression.allCases.randomElement(using: &random) ?? .none
            return schema
        }
    }

    // MARK: Writing

    func randomRow() -> [UInt8] {
        let prefix = UInt8.random(in: 0..<4, using: &random)
        let rest = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            UInt8.random(in: 0..<3, using: &random)
        }
        return [prefix, prefix] + rest
    }

    /// Writes one random batch, and into the model what was acknowledged or may have been written.
    func writeBatch(_ durability: Durability) throws(StoreError) {
        var batch = WriteBatch()
        var planned: [(family: Int, mutation: ModelFamily.Mutation)] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            try add(to: &batch, &planned)
        }
        let start = batchEnds.last ?? 0
        for index in planned.indices {
            planned[index].mutation.sequence = start + UInt64(index) + 1
            history[planned[index].family].append(planned[index].mutation)
        }
        batchEnds.append(start + UInt64(planned.count))
        let last = try store.write(batch, durability: durability)
        #expect(last == batchEnds.last, "seed \(seed)")
        if durability == .synced { synced = last }
    }

    private func add(
        to batch: inout WriteBatch,
        _ planned: inout [(family: Int, mutation: ModelFamily.Mutation)]
    ) throws(StoreError) {
        let index = Int.random(in: 0..<schemas.count, using: &random)
        let family = try table.family("f\(index)")
        let row = randomRow()
        let qualifiers: [[UInt8]] = [[], [1], [1, 0]]
        let qualifier = qualifiers.randomElement(using: &random) ?? []
        let time = UInt64.random(in: 1...60, using: &random)
        var operations: [(Int, ModelFamily.Operation)] = []
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            try batch.deleteVersion(family, row: row, qualifier: qualifier, timestamp: time)
            operations.append((index, .deleteVersion(timestamp: time)))
        case 1:
            try batch.deleteColumn(family, row: row, qualifier: qualifier, upTo: time)
            operations.append((index, .deleteColumn(upTo: time)))
        case 2:
            try batch.deleteFamily(family, row: row, upTo: time)
            operations.append((index, .deleteFamily(upTo: time)))
        case 3:
            try batch.deleteRow(table, row: row, upTo: time)
            for other in schemas.indices { operations.append((other, .deleteFamily(upTo: time))) }
        case 4:
            let end = Bool.random(using: &random) ? row + [1] : [row[0] + 1]
            try batch.deleteRange(table, from: row, to: end)
            for other in schemas.indices { operations.append((other, .deleteRange(end: end))) }
        default:
            let size = Int.random(in: 0...60, using: &random)
            let value = (0..<size).map { _ in UInt8.random(in: 97...122, using: &random) }
            let own: UInt64? = Int.random(in: 0..<8, using: &random) == 0 ? 30 : nil
            try batch.put(
                family, row: row, qualifier: qualifier, value: value, timestamp: time,
                timeToLive: own)
            operations.append((index, .put(timestamp: time, value: value, timeToLive: own ?? 0)))
        }
        for (family, operation) in operations {
            let mutation = ModelFamily.Mutation(
                row: row, qualifier: qualifier, sequence: 0, operation: operation)
            planned.append((family: family, mutation: mutation))
        }
    }

    // MARK: Comparing

    func model(_ family: Int) -> ModelFamily {
        var model = ModelFamily(
            maxVersions: schemas[family].maxVersions, timeToLive: schemas[family].timeToLive)
        for mutation in history[family] { model.apply(mutation) }
        return model
    }

    /// Reads everything, forward and backward, and compares it with the model.
    func check(at snapshot: Snapshot? = nil, _ place: String) throws {
        let now = simulation.clock.now()
        for index in schemas.indices {
            let sequence = snapshot?.sequence ?? store.statistics().visibleSequence
            let expected = model(index).read(snapshot: sequence, now: now)
            let family = try table.family("f\(index)")
            for reversed in [false, true] {
                var scan = Scan()
                scan.maxVersions = .max
                scan.reversed = reversed
                let found = try versions(family, scan, snapshot)
                let want = reversed ? StoreScenario.rowsReversed(expected) : expected
                try #require(
                    found == want, "seed \(seed), \(place), family \(index), \(reversed)")
            }
            try checkPart(family, expected, snapshot, place)
        }
    }

    /// One random bounded scan and one random point read.
    private func checkPart(
        _ family: Family, _ expected: [ModelFamily.Version], _ snapshot: Snapshot?, _ place: String
    ) throws {
        let (a, b) = (randomRow(), randomRow())
        let (low, high) = a.lexicographicallyPrecedes(b) ? (a, b) : (b, a)
        var scan = Scan()
        scan.maxVersions = .max
        scan.start = low
        scan.stop = high
        scan.startInclusive = Bool.random(using: &random)
        scan.stopInclusive = Bool.random(using: &random)
        let inside = expected.filter { version in
            let isBehindStart =
                low.lexicographicallyPrecedes(version.row)
                || (scan.startInclusive && version.row == low)
            let isBeforeStop =
                version.row.lexicographicallyPrecedes(high)
                || (scan.stopInclusive && version.row == high)
            return isBehindStart && isBeforeStop
        }
        try #require(try versions(family, scan, snapshot) == inside, "seed \(seed), \(place)")
        var prefixed = Scan.prefix([a[0], a[0]])
        prefixed.maxVersions = .max
        let withPrefix = expected.filter { $0.row.starts(with: [a[0], a[0]]) }
        try #require(
            try versions(family, prefixed, snapshot) == withPrefix, "seed \(seed), \(place)")
        let first = expected.first { $0.row == a && $0.qualifier == [1] }
        let value = try store.get(family, row: a, qualifier: [1], snapshot: snapshot)
        try #require(value == first?.value, "seed \(seed), \(place), get \(a)")
    }

    private func versions(
        _ family: Family, _ scan: Scan, _ snapshot: Snapshot?
    ) throws -> [ModelFamily.Version] {
        var found: [ModelFamily.Version] = []
        let scanner = try store.scan(family, scan, snapshot: snapshot)
        while let row = try scanner.next() {
            for cell in row.cells {
                found.append(
                    ModelFamily.Version(
                        row: row.key, qualifier: cell.qualifier, timestamp: cell.timestamp,
                        value: cell.value))
            }
        }
        return found
    }

    static func rowsReversed(_ versions: [ModelFamily.Version]) -> [ModelFamily.Version] {
        var rows: [[ModelFamily.Version]] = []
        for version in versions {
            if rows.last?.last?.row == version.row {
                rows[rows.count - 1].append(version)
            } else {
                rows.append([version])
            }
        }
        return rows.reversed().flatMap { $0 }
    }

    // MARK: Restarting

    /// Opens the store again and learns which prefix of the history it holds.
    func reopen() throws {
        store = try Store.open(
            at: "/store", options: options, environment: environment)
        try learn()
    }

    /// Goes on with another machine's store, which was promoted.
    func move(to simulation: Simulation, _ store: Store, options: StoreOptions) throws {
        self.simulation = simulation
        self.options = options
        self.store = store
        environment = simulation.environment
        synced = 0
        try learn()
    }

    private func learn() throws {
        table = try store.table("t")
        let last = store.statistics().visibleSequence
        try #require(last >= synced, "seed \(seed): a synced write is lost")
        try #require(batchEnds.contains(last), "seed \(seed): half a batch, up to \(last)")
        batchEnds.removeAll { $0 > last }
        for index in history.indices { history[index].removeAll { $0.sequence > last } }
        synced = last
    }

    func closeAndReopen() throws {
        try store.close()
        simulation.executor.runAll()
        synced = batchEnds.last ?? 0
        try reopen()
    }

    func crashAndReopen(seed: UInt64, mode: CrashMode) throws {
        simulation.crash(seed: seed, mode: mode)
        try reopen()
    }
}
