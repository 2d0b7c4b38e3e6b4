import MartletSimulation
import Testing

@testable import MartletStore

@Suite("the verifier of a store")
struct StoreVerifierTests {
    let fixture: VerifyFixture

    init() throws { fixture = try VerifyFixture() }

    /// Expects errors, one of them about `path`, and that the rest was still read.
    private func expectError(
        _ disk: SimulatedDisk, at path: String, _ what: String
    ) throws {
        let report = try fixture.verify(disk)
        #expect(report.errorCount > 0, "\(what): no error")
        #expect(report.errors.contains { $0.path == path }, "\(what): \(report.errors)")
        #expect(report.files > 0 && report.records > 0, "\(what): the rest was not read")
    }

    @Test("a sound store has no error and no warning, and everything is counted")
    func sound() throws {
        let report = try fixture.verify()
        #expect(report.errors.isEmpty && report.warnings.isEmpty, "\(report)")
        let tables = try fixture.tables()
        #expect(Set(tables.map(\.level)).count == 2)
        #expect(report.tables == 1 && report.families == 2)
        #expect(report.files == tables.count)
        #expect(report.cells == tables.reduce(0) { $0 + $1.cellCount })
        #expect(report.blocks > report.files)
        #expect(report.tombstones > 0)
        #expect(report.records >= 20 && report.mutations >= 40)
        #expect(report.logSegments > 0)
    }

    @Test("verifying changes nothing on the disk")
    func readOnly() throws {
        let before = fixture.disk.copy()
        _ = try fixture.verify()
        for directory in ["/store", "/store/log", "/store/tables"] {
            #expect(try fixture.disk.list(directory).sorted() == before.list(directory).sorted())
            for name in try before.list(directory) {
                let path = "\(directory)/\(name)"
                #expect(fixture.disk.contents(of: path) == before.contents(of: path))
            }
        }
    }

    @Test("a store that is open and written to is sound too")
    func live() throws {
        var options = StoreOptions()
        options.diskReserve = 0
        let store = try Store.open(
            at: "/store", options: options, environment: fixture.simulation.environment)
        let family = try store.table("t").family("f")
        for number in 0..<10 {
            var batch = WriteBatch()
            try batch.put(family, row: "new-\(number)", qualifier: "", value: "x")
            try store.write(batch, durability: .written)
            #expect(try fixture.verify().isSound)
        }
        try store.close()
    }

    @Test("a flipped bit in any table's block is an error at that table")
    func flippedTable() throws {
        for (index, table) in try fixture.tables().enumerated() {
            let copy = fixture.disk.copy()
            let path = VerifyFixture.path(table)
            copy.flipBit(path, offset: (Int(table.size) * (index + 1)) / 40, bit: index)
            try expectError(copy, at: path, "bit in \(path)")
        }
    }

    @Test("each of two damaged blocks of a table is named with its offset")
    func twoBlocks() throws {
        let table = try #require(try fixture.tables().first { $0.size > 4 << 10 })
        let copy = fixture.disk.copy()
        let path = VerifyFixture.path(table)
        var offsets: [UInt64] = []
        TableInspection.run(file: try copy.open(path, .read)) { block in
            if block.kind == .data { offsets.append(block.offset) }
            return true
        }
        try #require(offsets.count > 4)
        for offset in [offsets[1], offsets[3]] { copy.flipBit(path, offset: Int(offset) + 3) }
        let report = try fixture.verify(copy)
        let named = report.errors.filter { $0.path == path }.compactMap(\.offset)
        #expect(Set(named).isSuperset(of: [offsets[1], offsets[3]]), "\(report.errors)")
    }

    @Test("a flipped bit in a synced log record or its segment's header is an error at the segment")
    func flippedLog() throws {
        let path = try #require(try fixture.segments().last)
        for offset in [20, 70, 100, 300] {
            let copy = fixture.disk.copy()
            copy.flipBit(path, offset: offset)
            try expectError(copy, at: path, "bit at \(offset)")
        }
    }

    @Test("a flipped bit in the manifest or in CURRENT is an error there; files are still read")
    func flippedManifest() throws {
        let manifest = try fixture.manifest()
        for (path, offset) in [(manifest, 20), (manifest, 90), ("/store/CURRENT", 12)] {
            let copy = fixture.disk.copy()
            copy.flipBit(path, offset: offset)
            try expectError(copy, at: path, "bit at \(offset)")
        }
    }

    @Test("a cut tail of a table or of the only segment is an error, of the last record a warning")
    func cutTails() throws {
        let table = try #require(try fixture.tables().last)
        let path = VerifyFixture.path(table)
        var bytes = try #require(fixture.disk.contents(of: path))
        let copy = fixture.disk.copy()
        bytes.removeLast(100)
        copy.replace(path, with: bytes)
        try expectError(copy, at: path, "cut table")
        let segment = try #require(try fixture.segments().last)
        let torn = fixture.disk.copy()
        let log = try #require(torn.contents(of: segment))
        torn.replace(segment, with: Array(log[..<200]))
        let report = try fixture.verify(torn)
        #expect(report.warnings.contains { $0.path == segment }, "\(report)")
    }

    @Test("a missing table, segment or manifest is an error that names it")
    func missing() throws {
        for table in try fixture.tables() {
            let copy = fixture.disk.copy()
            try copy.remove(VerifyFixture.path(table))
            try expectError(copy, at: VerifyFixture.path(table), "missing table")
        }
        let manifest = fixture.disk.copy()
        try manifest.remove(try fixture.manifest())
        try expectError(manifest, at: try fixture.manifest(), "missing manifest")
        let log = fixture.disk.copy()
        let needed = LogFormat.segmentPath("/store/log", try fixture.state().minLogSegment)
        for segment in try fixture.segments() { try log.remove(segment) }
        #expect(try fixture.verify(log).errors.contains { $0.path == needed })
    }

    @Test("a file that nothing names is a warning")
    func orphan() throws {
        let copy = fixture.disk.copy()
        let table = try #require(try fixture.tables().first)
        let bytes = try #require(copy.contents(of: VerifyFixture.path(table)))
        copy.replace("/store/tables/000000009999.sst", with: bytes)
        copy.replace("/store/tables/notes.txt", with: [1])
        let report = try fixture.verify(copy)
        #expect(report.isSound)
        #expect(
            Set(report.warnings.map(\.path))
                == ["/store/tables/000000009999.sst", "/store/tables/notes.txt"])
    }

    @Test("two tables with each other's names are both errors")
    func swapped() throws {
        let tables = try fixture.tables()
        let (first, second) = (VerifyFixture.path(tables[0]), VerifyFixture.path(tables[1]))
        let copy = fixture.disk.copy()
        copy.replace(first, with: fixture.disk.contents(of: second) ?? [])
        copy.replace(second, with: fixture.disk.contents(of: first) ?? [])
        let paths = Set(try fixture.verify(copy).errors.map(\.path))
        #expect(paths.isSuperset(of: [first, second]))
    }

    @Test("a manifest that lies about a table is found out")
    func lies() throws {
        let table = try #require(try fixture.tables().first { $0.level > 0 })
        let path = VerifyFixture.path(table)
        let lies: [(String, (inout TableMetadata) -> Void)] = [
            ("smallest row", { $0.smallestRow = [0] }),
            ("largest row", { $0.largestRow = Array("row-1000".utf8) + [0] }),
            ("count of cells", { $0.cellCount += 1 }),
            ("greatest sequence", { $0.maxSequence = 1 << 40 }),
            ("size", { $0.size -= 1 }),
        ]
        for (what, change) in lies {
            let copy = try fixture.lying(about: table, change)
            let report = try fixture.verify(copy)
            let isFound = report.errors.contains { $0.path == path && $0.message.contains(what) }
            #expect(isFound, "\(what): \(report.errors)")
        }
    }

    @Test("tables that overlap below the first level, and levels that cannot be, are errors")
    func overlaps() throws {
        let tables = try fixture.tables().filter { $0.level > 0 && $0.tree == 1 }
        try #require(tables.count > 2)
        let wide = try fixture.lying(about: tables[0]) { $0.largestRow = tables[2].largestRow }
        #expect(try fixture.verify(wide).errors.contains { $0.message.contains("overlaps") })
        let deep = try fixture.lying(about: tables[0]) { $0.level = 200 }
        #expect(try fixture.verify(deep).errors.contains { $0.message.contains("level 200") })
    }

    @Test("only so many errors are kept in words, and all are counted")
    func limit() throws {
        let copy = fixture.disk.copy()
        let tables = try fixture.tables()
        for table in tables { copy.replace(VerifyFixture.path(table), with: []) }
        var environment = fixture.simulation.environment
        environment.fileSystem = copy
        let report = try StoreVerifier.run(
            directory: "/store", environment: environment, errorsKept: 2)
        #expect(report.errors.count == 2)
        #expect(report.errorCount == tables.count)
    }

    @Test("where there is no store, that is said")
    func noStore() throws {
        let error = storeError {
            _ = try StoreVerifier.run(
                directory: "/nothing", environment: fixture.simulation.environment)
        }
        #expect(error?.code == .notFound)
    }
}
