import Foundation
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
        let page = try Self.page()
        for part in [bytes[..<48], bytes[1_024..<1_200]] {
            let dump = Self.hexdump(part)
            #expect(page.contains(dump), "the page should have\n\(dump)")
        }
        #expect(bytes[512..<552] == ArraySlice(bytes[..<40]).shifted(to: 512))
        #expect(bytes[1_200...].allSatisfy { $0 == 0 })
    }

    private static func page(from source: String = #filePath) throws -> String {
        let root = source.components(separatedBy: "/Tests/").first ?? ""
        return try String(contentsOfFile: root + "/docs/formats/failed.md", encoding: .utf8)
    }

    /// Lines as `hexdump -C` prints them, with the offsets in the file.
    private static func hexdump(_ bytes: ArraySlice<UInt8>) -> String {
        func hex(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return stride(from: bytes.startIndex, to: bytes.endIndex, by: 16).map { start in
            let line = bytes[start..<min(start + 16, bytes.endIndex)]
            let halves = [line.prefix(8), line.dropFirst(8)].map { half in
                half.map { hex(Int($0), 2) }.joined(separator: " ")
            }
            let text = line.map { (32..<127).contains($0) ? String(UnicodeScalar($0)) : "." }
            return "\(hex(start, 8))  \(halves[0])  \(halves[1])  |\(text.joined())|"
        }.joined(separator: "\n")
    }
}

extension ArraySlice<UInt8> {
    /// The same bytes with other indices, to compare slices of one array.
    fileprivate func shifted(to start: Int) -> ArraySlice<UInt8> {
        (Array(repeating: 0, count: start) + self)[start...]
    }
}
