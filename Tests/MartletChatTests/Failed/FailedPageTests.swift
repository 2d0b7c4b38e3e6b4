import MartletSimulation
import Testing

@testable import MartletChat

@Suite("The page on the journal of failed requests") struct FailedPageTests {
    @Test("the page's example is what the code writes")
    func example() throws {
        let world = try JournalWorld(seed: 5)
        try world.append(.failed(JournalWorld.request(41)))
        try world.append(.refused(41, reason: "forbidden: no"))
        let bytes = try #require(world.simulation.disk.contents(of: world.path(0)))
        // One of the head's two copies, and the records.
        let page = try FormatPage.text("formats/failed.md")
        for part in [bytes[..<48], bytes[1_024..<1_200]] {
            let dump = FormatPage.hexdump(part)
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
        #expect(bytes[512..<552] == ArraySlice(bytes[..<40]).shifted(to: 512))
        #expect(bytes[1_200...].allSatisfy { $0 == 0 })
    }
}

extension ArraySlice<UInt8> {
    /// The same bytes with other indices, to compare slices of one array.
    fileprivate func shifted(to start: Int) -> ArraySlice<UInt8> {
        (Array(repeating: 0, count: start) + self)[start...]
    }
}
