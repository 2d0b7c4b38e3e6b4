import MartletFuzzing
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("The compaction protocol's page") struct ProtocolPageTests {
    @Test("its examples are what the code writes")
    func examples() throws {
        let page = try Self.page()
        let frames =
            CompactionSamples.daemon.map(\.encoded) + CompactionSamples.server.map(\.encoded)
        for frame in frames {
            let dump = Self.hexdump(frame)
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
    }

    @Test("it names every code of a refusal")
    func codes() throws {
        let page = try Self.page()
        for refusal in JobRefusal.allCases {
            #expect(page.contains("| \(refusal.rawValue) | `\(refusal)` |"))
        }
        for refusal in DaemonRefusal.allCases {
            #expect(page.contains("| \(refusal.rawValue) | `\(refusal)` |"))
        }
    }

    private static func page(_ source: String = #filePath) throws -> String {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false)
        let tests = try #require(parts.lastIndex(of: "Tests"))
        let path = parts[..<tests].joined(separator: "/") + "/docs/protocol/compaction.md"
        let file = try Environment.system.fileSystem.open(path, .read)
        var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lines as `hexdump -C` prints them.
    static func hexdump(_ bytes: [UInt8]) -> String {
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
}
