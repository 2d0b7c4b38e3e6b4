import MartletFuzzing
import MartletStore
import Testing

@testable import MartletReplication

@Suite("The page on the replication protocol") struct ProtocolPageTests {
    @Test("the examples are what the code writes")
    func examples() throws {
        let page = try readPage()
        let examples: [(Frame, FrameLane)] = [
            (try ReplicationSamples.hello().frame(), .followerToShipper),
            (
                FollowerFrame.durable(
                    DurablePosition(leader: ReplicationSamples.leader, sequence: 42, visible: 42)
                ).frame(), .followerToShipper
            ),
            (try ReplicationSamples.append().frame(), .shipperToFollower),
            (try ServerFrame.state(ReplicationSamples.state()).frame(), .serverToShipper),
            (ReplicationSamples.reports()[1].frame(), .shipperToServer),
        ]
        for (frame, lane) in examples {
            let dump = hexdump(frame.encoded(lane, number: 0))
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
    }

    private func readPage(from source: String = #filePath) throws -> String {
        let parts = source.split(separator: "/", omittingEmptySubsequences: false)
        let tests = try #require(parts.lastIndex(of: "Tests"))
        let path = parts[..<tests].joined(separator: "/") + "/docs/protocol/replication.md"
        let file = try SystemFileSystem().open(path, .read)
        var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lines as `hexdump -C` prints them.
    private func hexdump(_ bytes: [UInt8]) -> String {
        func hex(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.count)]
            let halves = [line.prefix(8), line.dropFirst(8)].map { half in
                half.map { hex(Int($0), 2) }.joined(separator: " ")
            }
            let text = line.map {
                (32..<127).contains($0) ? String(UnicodeScalar($0)) : "."
            }
            return "\(hex(start, 8))  \(halves[0])  \(halves[1])  |\(text.joined())|"
        }.joined(separator: "\n")
    }
}
