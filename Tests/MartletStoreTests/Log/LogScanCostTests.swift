import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Long log tails") struct LogScanCostTests {
    @Test("an unsealed segment of the default size is searched to its end")
    func defaultSize() throws {
        let log = try LogFixture(segmentSize: 64 << 20)
        let (_, batches) = try log.fill(3)
        // Noise where records could be: what is not of this segment is neither read nor counted.
        var bytes = log.contents(1)
        var generator = SeededGenerator(seed: 1)
        bytes.withUnsafeMutableBytes { bytes in
            for offset in stride(from: 4096, to: bytes.count / 2, by: 8) {
                bytes.storeBytes(of: generator.next(), toByteOffset: offset, as: UInt64.self)
            }
        }
        log.disk.replace(log.path(1), with: bytes)
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.cut == nil)
    }
}
