import MartletFuzzing
import MartletSimulation
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("The compaction protocol's page") struct ProtocolPageTests {
    @Test("its examples are what the code writes")
    func examples() throws {
        let page = try FormatPage.text("protocol/compaction.md")
        let frames =
            CompactionSamples.daemon.map(\.encoded) + CompactionSamples.server.map(\.encoded)
        for frame in frames {
            let dump = FormatPage.hexdump(frame[...])
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
    }

    @Test("it names every code of a refusal")
    func codes() throws {
        let page = try FormatPage.text("protocol/compaction.md")
        for refusal in JobRefusal.allCases {
            #expect(page.contains("| \(refusal.rawValue) | `\(refusal)` |"))
        }
        for refusal in DaemonRefusal.allCases {
            #expect(page.contains("| \(refusal.rawValue) | `\(refusal)` |"))
        }
    }
}
