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
        let dump = hexdump(Array(log.contents(1)[..<144]))
        let page = try readPage("log.md")
        #expect(page.contains(dump), "the page should have\n\(dump)")
    }
}

/// The text of a page in docs/formats.
func readPage(_ name: String, from source: String = #filePath) throws -> String {
    let parts = source.split(separator: "/", omittingEmptySubsequences: false)
    let tests = try #require(parts.lastIndex(of: "Tests"))
    let path = parts[..<tests].joined(separator: "/") + "/docs/formats/" + name
    let file = try SystemFileSystem().open(path, .read)
    var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
    _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Lines as `hexdump -C` prints them.
func hexdump(_ bytes: [UInt8]) -> String {
    func hex(_ number: Int, _ digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    return stride(from: 0, to: bytes.count, by: 16).map { start in
        let line = bytes[start..<min(start + 16, bytes.count)]
        let halves = [line.prefix(8), line.dropFirst(8)].map { half in
            half.map { hex(Int($0), 2) }.joined(separator: " ")
        }
        let text = line.map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "." }
        return "\(hex(start, 8))  \(halves[0])  \(halves[1])  |\(text.joined())|"
    }.joined(separator: "\n")
}
