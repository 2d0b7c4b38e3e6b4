import MartletStore
import Testing

/// What the dump tool shows of the journal of failed sends: the file of the format's page.
@Suite("the dump tool on the journal of failed sends")
struct FailedDumpTests {
    private static let path = "store/failed-0.journal"
    let fixture: DumpFixture

    init() throws {
        fixture = try DumpFixture()
        try fixture.write(try Self.example(), to: Self.path)
    }

    /// The bytes of the page's example, which a test of the chat holds to what the chat writes.
    private static func example(_ source: String = #filePath) throws -> [UInt8] {
        let root = source.dropLast("Tests/MartletDumpTests/FailedDumpTests.swift".count)
        var bytes = [UInt8](repeating: 0, count: 8 << 10)
        for line in try DumpProgram.text(of: root + "docs/formats/failed.md").split(separator: "\n")
        {
            let words = line.prefix { $0 != "|" }.split(separator: " ")
            guard words.count == 17, words[0].utf8.count == 8, let place = Int(words[0], radix: 16)
            else { continue }
            for (index, word) in words.dropFirst().enumerated() {
                bytes[place + index] = try #require(UInt8(word, radix: 16))
            }
        }
        return bytes
    }

    @Test("a flipped bit in a record that was synced: the place is named, the rest is shown")
    func flipped() throws {
        var bytes = try fixture.bytes(Self.path)
        bytes[1_030] ^= 1
        try fixture.write(bytes, to: Self.path)
        for view in [["failed", Self.path], ["failed", Self.path, "--json"]] {
            let found = try DumpProgram.run(view, in: fixture.directory)
            #expect(found.status == 1 && found.output.contains("refused"), "\(found)")
            #expect(found.complaints == "damaged: \(Self.path) at 1024: a record is damaged\n")
        }
    }

    @Test("a head of which no copy is intact: said, and nothing else")
    func head() throws {
        var bytes = try fixture.bytes(Self.path)
        bytes[30] ^= 1
        try fixture.write(bytes, to: Self.path)
        let found = try fixture.run("failed", Self.path)
        #expect(found.status == 1 && found.complaints.contains("the head is damaged"), "\(found)")
    }

    @Test("a file that was never begun, and one that is cut")
    func blank() throws {
        try fixture.write([UInt8](repeating: 0, count: 8 << 10), to: Self.path)
        let blank = try fixture.run("failed", Self.path)
        #expect(blank.status == 0 && blank.output == "\(Self.path): never begun\n", "\(blank)")
        let whole = try Self.example()
        for count in [0, 100, 1_024, 1_100, 1_190] {
            try fixture.write(Array(whole.prefix(count)), to: Self.path)
            let cut = try fixture.run("failed", Self.path)
            #expect(cut.status == 0 || cut.status == 1, "\(count): \(cut)")
        }
    }

    @Test("its transcripts")
    func transcripts() throws {
        let transcripts = TranscriptTests()
        try transcripts.expect("failed", fixture, ["failed", Self.path])
        try transcripts.expect("failed-json", fixture, ["failed", Self.path, "--json"])
    }
}
