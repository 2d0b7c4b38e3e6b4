import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The page on the manifest's format") struct ManifestPageTests {
    @Test("the page's example is what the code writes")
    func example() throws {
        var manifest = try ManifestFixture()
        let term = Term(
            epoch: 2, incarnation: 0x0123_4567_89ab_cdef, firstSequence: 1, keepsCursors: false)
        try manifest.state.apply(
            ManifestEdit([
                .epoch(2), .lastTimestamp(1_700_000_000_000_000), .term(term), .role(.follower),
                .promise(TermID(epoch: 3, incarnation: 7)),
            ]))
        let writer = try manifest.writer()
        try writer.append(ManifestEdit([.createTable("users")]), to: &manifest.state)
        let bytes = try #require(manifest.disk.contents(of: manifest.path))
        let current = try #require(
            manifest.disk.contents(of: ManifestFixture.directory + "/CURRENT"))
        let page = try FormatPage.text("formats/manifest.md")
        let dump =
            FormatPage.hexdump(bytes[..<Int(writer.bytes)])
            + "\n\n" + FormatPage.hexdump(current[...])
        #expect(page.contains(dump), "the page should have\n\(dump)")
    }
}
