import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The log's tail") struct LogTailTests {
    /// Bytes of a record with 40 bytes of payload.
    private let record = LogFormat.recordSize(payload: 40)

    @Test("a clean close loses nothing and reports no cut")
    func cleanClose() throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(5)
        try writer.close()
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.cut == nil)
        #expect(report.isSealed)
        #expect(report.nextSequence == 6)
        #expect(report.lastSequence == 5)
        #expect(report.nextSegment == 2)
    }

    @Test("a log left without a close is read to its end and sealed there")
    func left() throws {
        let log = try LogFixture()
        let (_, batches) = try log.fill(5)
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.cut == nil)
        #expect(!report.isSealed)
        #expect(try log.recover().report.isSealed)
    }

    @Test("a torn tail is cut and its bytes are counted")
    func tornTail() throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(3)
        try LogFixture.append([LogFixture.batch(4, size: 900)], to: writer, syncing: false)
        let tail = LogHeader.size + 3 * record
        var bytes = log.contents(1)
        for index in tail + 512..<tail + 1000 { bytes[index] = 0 }
        log.disk.replace(log.path(1), with: bytes)
        let (report, read) = try log.recover()
        #expect(read == batches)
        let size = UInt64(LogFormat.recordSize(payload: 900))
        #expect(
            report.cut == LogCut(path: log.path(1), offset: UInt64(tail), bytes: size))
    }

    @Test("an unsynced hole followed by valid records is cut, and stays cut")
    func unsyncedHole() throws {
        var log = try LogFixture()
        let (writer, batches) = try log.fill(2)
        for sequence in UInt64(3)...6 {
            try LogFixture.append([LogFixture.batch(sequence)], to: writer, syncing: false)
        }
        let hole = LogHeader.size + 2 * record
        var bytes = log.contents(1)
        for index in hole..<hole + record { bytes[index] = 0 }
        log.disk.replace(log.path(1), with: bytes)
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.cut?.offset == UInt64(hole))
        #expect(report.cut?.bytes == UInt64(4 * record))
        log.disk = log.disk.copy()
        let next = try log.writer(report)
        try LogFixture.append([LogFixture.batch(3, size: 50)], to: next)
        let again = try log.recover()
        #expect(again.batches == batches + [LogFixture.batch(3, size: 50)])
        #expect(again.report.cut == nil)
    }

    @Test("a read-only recovery changes nothing")
    func readOnly() throws {
        let log = try LogFixture()
        try log.fill(2)
        let before = log.contents(1)
        #expect(try log.recover(repairs: false).batches.count == 2)
        #expect(log.contents(1) == before)
    }

    @Test("the writer never appends to a recovered segment")
    func newSegment() throws {
        let log = try LogFixture()
        try log.fill(2)
        let writer = try log.writer(try log.recover().report)
        #expect(writer.currentSegment == 2)
        #expect(writer.nextSequence == 3)
    }

    @Test("a segment whose header was never written is dropped")
    func unfinishedSegment() throws {
        let log = try LogFixture()
        let (_, batches) = try log.fill(2)
        log.disk.replace(log.path(2), with: [UInt8](repeating: 0, count: 4096))
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.nextSegment == 2)
        #expect(log.disk.contents(of: log.path(2)) == nil)
    }
}
