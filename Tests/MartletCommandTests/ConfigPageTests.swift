import Glibc
import MartletStore
import Testing

@testable import martlet

@Suite("The configuration's page") struct ConfigPageTests {
    @Test("has the row of every key, and no other")
    func rows() throws {
        let path =
            #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
            + "/docs/operations/configuration.md"
        let file = try Environment.system.fileSystem.open(path, .read)
        let page = String(decoding: try file.contents(Int(file.size())), as: UTF8.self)
        let found = page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| `") }
        let expected = ConfigText.rows()
        let missing = expected.filter { !found.contains($0) }
        let extra = found.filter { !expected.contains($0) }
        #expect(missing.isEmpty, "write: martlet config print-default --markdown")
        #expect(extra.isEmpty)
    }
}
