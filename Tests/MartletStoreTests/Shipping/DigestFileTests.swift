import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A digest file") struct DigestFileTests {
    private func example() throws -> DigestFile {
        let history = try TermHistory([
            Term(epoch: 1, incarnation: 0x9a3f, firstSequence: 1, keepsCursors: false),
            Term(epoch: 2, incarnation: 0xc0ffee, firstSequence: 900, keepsCursors: true),
        ])
        let ann = StoreDigest.Range(
            table: "t", family: "f", firstRow: Array("ann".utf8), lastRow: Array("ann".utf8),
            cells: 1,
            value: DigestValue(high: 0x933d_cd1b_db51_9cf2, low: 0x73eb_031a_52dd_d8b1))
        let odd = StoreDigest.Range(
            table: "names of ours", family: "ü%", firstRow: [0, 10], lastRow: [255], cells: 70_000,
            value: DigestValue(high: 1, low: 2))
        return DigestFile(
            storeID: StoreID(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908),
            history: history, moment: 1_764_042_000_000_000, cellsPerRange: 65_536,
            digest: StoreDigest(sequence: 1_234, ranges: [ann, odd]))
    }

    private func parse(_ text: String) throws(StoreError) -> DigestFile {
        try text.withBytes { (bytes) throws(StoreError) in try DigestFile(text: bytes) }
    }

    @Test("is what the page shows, and reads back")
    func page() throws {
        let file = try example()
        let page = try FormatPage.text("formats/digest.md")
        #expect(page.contains("```\n\(file.text)```"), "the page should have\n\(file.text)")
        #expect(try parse(file.text) == file)
        let simulation = Simulation(seed: 1)
        try file.write(to: "/file", simulation.disk)
        try file.write(to: "/file", simulation.disk)
        #expect(try DigestFile.read("/file", simulation.disk) == file)
        #expect(!simulation.disk.exists("/file.new"))
    }

    @Test("is refused with every byte changed and at every length")
    func damaged() throws {
        let bytes = Array(try example().text.utf8)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let error = storeError {
                _ = try changed.withBytes { (bytes) throws(StoreError) in
                    try DigestFile(text: bytes)
                }
            }
            #expect(error != nil, "byte \(index)")
            let short = storeError {
                _ = try bytes[..<index].withBytes { (bytes) throws(StoreError) in
                    try DigestFile(text: bytes)
                }
            }
            #expect(short?.code == .corruption, "length \(index)")
        }
        #expect(storeError { _ = try parse("martlet-digest 2\nstars 7\n") }?.code == .unsupported)
        #expect(storeError { _ = try parse("") }?.code == .corruption)
        let simulation = Simulation(seed: 1)
        simulation.disk.replace("/file", with: [1, 2, 3])
        let error = storeError { _ = try DigestFile.read("/file", simulation.disk) }
        #expect(error?.code == .corruption && error?.path == "/file" && error?.offset == 0)
    }

    @Test("that could not be written leaves the one before")
    func full() throws {
        let simulation = Simulation(seed: 1)
        var file = try example()
        try file.write(to: "/file", simulation.disk)
        file.digest.sequence += 1
        simulation.disk.capacity = 1
        #expect(storeError { try file.write(to: "/file", simulation.disk) }?.code == .noSpace)
        simulation.disk.capacity = nil
        #expect(try DigestFile.read("/file", simulation.disk) == example())
        try file.write(to: "/file", simulation.disk)
        #expect(try DigestFile.read("/file", simulation.disk) == file)
    }
}
