import MartletSimulation

@testable import MartletStore

/// A store on a simulated disk with tables on two levels, range tombstones and a log, closed; and
/// copies of it to be damaged.
struct VerifyFixture {
    let simulation: Simulation
    var disk: SimulatedDisk

    init(seed: UInt64 = 7) throws {
        simulation = Simulation(seed: seed)
        disk = simulation.disk
        var options = StoreOptions()
        options.logSegmentSize = 16 << 10
        options.tableFileSize = 8 << 10
        options.compactsAutomatically = false
        options.diskReserve = 0
        let store = try Store.open(
            at: "/store", options: options, environment: simulation.environment)
        var schema = FamilySchema("f")
        schema.blockSize = 1 << 10
        let table = try store.createTable("t", families: [schema, FamilySchema("g")])
        try Self.fill(store, table, 0..<400)
        try store.compact()
        try Self.fill(store, table, 200..<260)
        try store.flush()
        try Self.fill(store, table, 400..<420)
        try store.close()
        simulation.executor.runAll()
    }

    private static func fill(_ store: Store, _ table: Table, _ numbers: Range<Int>) throws {
        for number in numbers {
            var batch = WriteBatch()
            for family in table.families {
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 31), count: 80)
                try batch.put(
                    family, row: "row-\(number + 1000)", qualifier: "q", value: value,
                    timestamp: UInt64(number + 1))
            }
            if number % 50 == 7 {
                try batch.deleteRange(
                    table, from: "row-\(number + 999)", to: "row-\(number + 1000)")
            }
            if number % 50 == 9 { try batch.deleteRow(table, row: "row-\(number + 995)") }
            try store.write(batch)
        }
    }

    func verify(_ disk: SimulatedDisk? = nil) throws -> StoreVerifier.Report {
        var environment = simulation.environment
        environment.fileSystem = disk ?? self.disk
        return try StoreVerifier.run(directory: "/store", environment: environment)
    }

    func state() throws -> ManifestState {
        try ManifestReader.read(disk, directory: "/store").state
    }

    func tables() throws -> [TableMetadata] {
        try state().files.values.flatMap(\.values).flatMap(\.values)
            .sorted { $0.number < $1.number }
    }

    static func path(_ table: TableMetadata) -> String {
        "/store/tables/\(FileName.table(table.number))"
    }

    func segments() throws -> [String] {
        try disk.list("/store/log").sorted().map { "/store/log/\($0)" }
    }

    func manifest() throws -> String {
        "/store/" + ManifestName.name(try ManifestName.readCurrent(disk, "/store"))
    }

    /// A copy whose manifest says of `table` what `change` makes of it.
    func lying(
        about table: TableMetadata, _ change: (inout TableMetadata) -> Void
    ) throws -> SimulatedDisk {
        let copy = disk.copy()
        let found = try ManifestReader.read(copy, directory: "/store")
        var state = found.state
        var changed = table
        change(&changed)
        try state.apply(
            ManifestEdit([
                .removeFile(tree: table.tree, level: table.level, number: table.number),
                .addFile(changed),
            ]))
        _ = try ManifestWriter(copy, directory: "/store", number: found.number + 1, state: state)
        return copy
    }
}
