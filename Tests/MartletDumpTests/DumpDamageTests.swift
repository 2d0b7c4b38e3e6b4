import MartletStore
import Testing

/// What the dump tool does with damaged files and odd uses.
@Suite("the dump tool on damaged files")
struct DumpDamageTests {
    let fixture: DumpFixture

    init() throws { fixture = try DumpFixture() }

    /// Every view that reads the table.
    private func tableViews(_ path: String) -> [[String]] {
        [
            ["sst", path], ["sst", path, "--blocks"], ["sst", path, "--cells"],
            ["sst", path, "--check"], ["sst", path, "--cells", "--json"], ["sst", path, "--json"],
            ["store", "store", "--check"], ["store", "store", "--check", "--json"],
        ]
    }

    /// Runs a view and expects status 1, some lines that are readable, and the file's name among
    /// the complaints.
    private func expectDamage(
        _ arguments: [String], of path: String, lines: Int = 1
    ) throws {
        let found = try DumpProgram.run(arguments, in: fixture.directory)
        #expect(found.status == 1, "\(arguments): \(found)")
        #expect(found.output.split(separator: "\n").count >= lines, "\(arguments): \(found)")
        let isNamed = found.complaints.contains("damaged: ") && found.complaints.contains(path)
        #expect(isNamed, "\(arguments): \(found.complaints)")
    }

    @Test("a flipped bit in a table: every view exits 1, names the place and shows the rest")
    func flippedTable() throws {
        let path = try fixture.messages()
        let whole = try fixture.run("sst", path, "--cells").output.split(separator: "\n").count
        var bytes = try fixture.bytes(path)
        bytes[100] ^= 4
        try fixture.write(bytes, to: path)
        for view in tableViews(path) { try expectDamage(view, of: path) }
        let left = try fixture.run("sst", path, "--cells").output.split(separator: "\n").count
        #expect(left > whole / 2 && left < whole, "\(left) of \(whole) cells")
    }

    @Test("a cut table: its footer is lost, and most cells are still found")
    func cutTable() throws {
        let path = try fixture.messages()
        let whole = try fixture.run("sst", path, "--cells").output.split(separator: "\n").count
        try fixture.write(try fixture.bytes(path).dropLast(60), to: path)
        for view in tableViews(path) + [["store", "store"]] { try expectDamage(view, of: path) }
        let left = try fixture.run("sst", path, "--cells").output.split(separator: "\n").count
        #expect(left == whole)
        try fixture.write(Array(try fixture.bytes(path).prefix(700)), to: path)
        for view in tableViews(path) { try expectDamage(view, of: path) }
    }

    @Test("a flipped bit in the log: the records behind it are shown")
    func flippedLog() throws {
        let path = try fixture.segment()
        var bytes = try fixture.bytes(path)
        bytes[100] ^= 1
        try fixture.write(bytes, to: path)
        for view in [["wal", path], ["wal", path, "--mutations"], ["wal", path, "--json"]] {
            try expectDamage(view, of: path, lines: 3)
        }
        try expectDamage(["store", "store", "--check"], of: path)
    }

    @Test("a cut log: the records in front of the cut are shown")
    func cutLog() throws {
        let path = try fixture.segment()
        try fixture.write(Array(try fixture.bytes(path).prefix(130)), to: path)
        for view in [["wal", path], ["wal", path, "--mutations"], ["wal", path, "--json"]] {
            try expectDamage(view, of: path, lines: 3)
        }
    }

    @Test("a flipped bit in the manifest: the edits that can be read are shown")
    func flippedManifest() throws {
        let path = try fixture.manifest()
        var bytes = try fixture.bytes(path)
        bytes[90] ^= 1
        try fixture.write(bytes, to: path)
        for view in [["manifest", "store"], ["manifest", "store", "--json"]] {
            try expectDamage(view, of: path, lines: 3)
        }
        for view in [["manifest", "store", "--state"], ["store", "store"]] {
            try expectDamage(view, of: path, lines: 0)
        }
    }

    @Test("a cut manifest: the edits in front of the cut are shown")
    func cutManifest() throws {
        let path = try fixture.manifest()
        let text = try fixture.run("manifest", "store").output
        let last = try #require(text.split(separator: "\n").last { $0.hasPrefix("edit ") })
        let words = last.split(whereSeparator: { $0 == " " || $0 == "," })
        let offset = try #require(Int(words[3]))
        try fixture.write(Array(try fixture.bytes(path).prefix(offset + 30)), to: path)
        for view in [
            ["manifest", "store"], ["manifest", "store", "--state"], ["store", "store"],
        ] {
            try expectDamage(view, of: path, lines: 3)
        }
    }

    @Test("any flipped bit of any file leads to no crash")
    func anyBit() throws {
        let views: [(String, [String])] = [
            (try fixture.messages(), ["sst", try fixture.messages(), "--cells"]),
            (try fixture.segment(), ["wal", try fixture.segment(), "--mutations"]),
            (try fixture.manifest(), ["manifest", "store"]),
        ]
        for (path, view) in views {
            let whole = try fixture.bytes(path)
            for step in 0..<12 {
                var bytes = whole
                bytes[step * 37 % bytes.count] ^= 1 << UInt8(step % 8)
                try fixture.write(bytes, to: path)
                let found = try DumpProgram.run(view, in: fixture.directory)
                #expect(found.status == 0 || found.status == 1, "\(path), step \(step): \(found)")
            }
            try fixture.write(whole, to: path)
        }
    }
}

/// Uses that are not a plain view of a sound file.
@Suite("the dump tool's uses")
struct DumpUseTests {
    @Test("wrong usage exits 64, a file that is not there exits 1, help exits 0")
    func usage() throws {
        let fixture = try DumpFixture()
        #expect(try fixture.run("sst").status == 64)
        #expect(try fixture.run("nothing").status == 64)
        #expect(try fixture.run("sst", "x", "--limit", "3").status == 64)
        #expect(try fixture.run("sst", "x", "--cells", "--limit", "-3").status == 64)
        #expect(
            try fixture.run("sst", try fixture.messages(), "--cells", "--from", "\\q").status == 64)
        for view in [["sst", "x"], ["wal", "x"], ["store", "x"], ["manifest", "x"]] {
            let found = try DumpProgram.run(view, in: fixture.directory)
            #expect(found.status == 1 && found.complaints.contains("x"), "\(found)")
        }
        for view in ["sst", "wal", "store", "manifest"] {
            #expect(try fixture.run(view, "--help").status == 0)
        }
    }

    @Test("a range of cells can be asked for as rows are shown")
    func ranges() throws {
        let fixture = try DumpFixture()
        let table = try fixture.messages()
        let user = "shard=17 user=00000000000a11ce conversation=0000000000000b0b"
        func count(_ arguments: String...) throws -> Int {
            let found = try DumpProgram.run(
                ["sst", table, "--cells"] + arguments, in: fixture.directory)
            #expect(found.status == 0, "\(found)")
            return found.output.split(separator: "\n").count
        }
        #expect(try count() == 60)
        #expect(try count("--to", "\\x00\\x12") == 30)
        #expect(try count("--from", "\\x00\\x12") == 30)
        #expect(try count("--from", "\\x00\\x12", "--limit", "7") == 7)
        #expect(try count("--from", "shard=18") == 30)
        #expect(try count("--limit", "0") == 0)
        let first = try fixture.run("sst", table, "--cells", "--limit", "1").output
        #expect(first.hasPrefix(user), "\(first)")
    }

    @Test("a reader that goes away ends it without a word")
    func brokenPipe() throws {
        let fixture = try DumpFixture()
        let program = try DumpProgram.path
        let table = try fixture.messages()
        let found = try DumpProgram.shell(
            [
                "bash", "-c",
                "for i in 1 2 3; do '\(program)' sst '\(table)' --cells | head -n 1; done",
            ],
            in: fixture.directory)
        #expect(found.status == 0 && found.complaints == "", "\(found)")
    }
}
