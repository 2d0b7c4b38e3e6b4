import Glibc
import Testing

/// What the dump tool prints of a sound store, byte for byte: `Golden/`. With
/// MARTLET_WRITE_GOLDEN=1 the transcripts are written anew.
@Suite("the dump tool's transcripts")
struct TranscriptTests {
    private static let folder =
        String(#filePath.dropLast("TranscriptTests.swift".count)) + "Golden/"

    func expect(
        _ name: String, _ fixture: DumpFixture, _ arguments: [String]
    ) throws {
        let found = try DumpProgram.run(arguments, in: fixture.directory)
        #expect(found.status == 0 && found.complaints == "", "\(name): \(found)")
        let text = "$ martlet-dump " + arguments.joined(separator: " ") + "\n" + found.output
        let path = Self.folder + name + ".txt"
        if getenv("MARTLET_WRITE_GOLDEN") != nil {
            try DumpProgram.write(Array(text.utf8), to: path)
        }
        #expect(text == (try? DumpProgram.text(of: path)), "\(name)")
    }

    @Test("every view prints what it is documented to print")
    func views() throws {
        let fixture = try DumpFixture()
        let table = try fixture.messages()
        let segment = try fixture.segment()
        try expect("store", fixture, ["store", "store"])
        try expect("store-check", fixture, ["store", "store", "--check"])
        try expect("store-json", fixture, ["store", "store", "--json"])
        try expect("manifest", fixture, ["manifest", "store"])
        try expect("manifest-state", fixture, ["manifest", "store", "--state"])
        try expect("manifest-json", fixture, ["manifest", "store", "--json"])
        try expect("sst", fixture, ["sst", table])
        try expect("sst-json", fixture, ["sst", table, "--json"])
        try expect("sst-blocks", fixture, ["sst", table, "--blocks"])
        try expect("sst-check", fixture, ["sst", table, "--check"])
        try expect("sst-cells", fixture, ["sst", table, "--cells", "--limit", "3"])
        try expect(
            "sst-cells-json", fixture,
            ["sst", table, "--cells", "--limit", "2", "--json", "--full"])
        try expect("wal", fixture, ["wal", segment])
        try expect("wal-mutations", fixture, ["wal", segment, "--mutations"])
        try expect("wal-json", fixture, ["wal", segment, "--mutations", "--json"])
    }
}
