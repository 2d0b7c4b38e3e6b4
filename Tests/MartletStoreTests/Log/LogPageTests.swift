import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The page on the log's format") struct LogPageTests {
    @Test("the page's example is what the code writes")
    func example() throws {
        let log = try LogFixture()
        let writer = try log.writer(LogReport(), epoch: 3)
        // put, tree 1, row "ann", qualifier "name", value "Ann" at the store's timestamp.
        let batch: [UInt8] =
            [1, 0, 0, 0, 1, 1, 3] + Array("ann".utf8)
            + [4] + Array("name".utf8) + [3] + Array("Ann".utf8)
        try writer.begin(records: 1, payloadBytes: 8 + batch.count)
        try batch.span.bytes.withUnsafeBytes { rest throws(StoreError) in
            try writer.add(
                sequence: 1, count: 1, timestamp: 1_700_000_000_000_000, rest: rest)
        }
        try writer.write()
        try writer.sync()
        try writer.close()
        let dump = FormatPage.hexdump(log.contents(1)[..<144])
        let page = try FormatPage.text("formats/log.md")
        #expect(page.contains(dump), "the page should have\n\(dump)")
    }
}
