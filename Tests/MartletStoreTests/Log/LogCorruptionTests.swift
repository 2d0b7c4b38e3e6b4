import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Damage to the log") struct LogCorruptionTests {
    private let record = LogFormat.recordSize(payload: 40)

    @Test("a bad record below a later claimed durable offset is corruption, with file and offset")
    func syncedRecord() throws {
        let log = try LogFixture()
        try log.fill(4)
        let place = LogHeader.size + record
        log.disk.flipBit(log.path(1), offset: place + 30)
        let error = storeError { _ = try log.recover() }
        #expect(error?.code == .corruption)
        #expect(error?.path == log.path(1))
        #expect(error?.offset == UInt64(place))
    }

    @Test("damage in the last synced record of a closed log is corruption")
    func closedLog() throws {
        let log = try LogFixture()
        let (writer, _) = try log.fill(4)
        try writer.close()
        log.disk.flipBit(log.path(1), offset: LogHeader.size + 3 * record + 30)
        #expect(storeError { _ = try log.recover() }?.code == .corruption)
    }

    @Test("damage in a segment that is not the last is corruption")
    func earlierSegment() throws {
        let log = try LogFixture()
        let (writer, _) = try log.fill(200)
        #expect(writer.segments.count > 2)
        let last = log.contents(1).lastIndex { $0 != 0 } ?? 0
        log.disk.flipBit(log.path(1), offset: last)
        let error = storeError { _ = try log.recover() }
        #expect(error?.code == .corruption)
        #expect(error?.path == log.path(1))
    }

    @Test("a missing segment is corruption that names its file")
    func missingSegment() throws {
        let log = try LogFixture()
        try log.fill(200)
        try log.disk.remove(log.path(2))
        let error = storeError { _ = try log.recover() }
        #expect(error?.code == .corruption)
        #expect(error?.path == log.path(2))
        try log.disk.remove(log.path(1))
        #expect(storeError { _ = try log.recover(minimum: 2) }?.code == .corruption)
    }

    @Test("a damaged header over records is corruption, not an unfinished segment")
    func damagedHeader() throws {
        let log = try LogFixture()
        try log.fill(3)
        log.disk.flipBit(log.path(1), offset: 17)
        let error = storeError { _ = try log.recover() }
        #expect(error?.code == .corruption)
        #expect(error?.offset == 0)
    }

    @Test("a segment of another store is refused")
    func otherStore() throws {
        let log = try LogFixture()
        try log.fill(3)
        let error = storeError {
            _ = try LogRecovery.run(
                log.disk, directory: LogFixture.directory, storeID: StoreID(low: 1, high: 2),
                minimumSegment: 0
            ) { _, _, _, _ in }
        }
        #expect(error?.code == .corruption)
    }

    @Test("a newer format is unsupported, not corrupt")
    func newerFormat() throws {
        let log = try LogFixture()
        try log.fill(3)
        var bytes = log.contents(1)
        bytes[8] = 2
        let checksum = bytes.withUnsafeBytes {
            Checksum.crc32c(UnsafeRawBufferPointer(rebasing: $0[..<60]))
        }
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: checksum, toByteOffset: 60, as: UInt32.self)
        }
        log.disk.replace(log.path(1), with: bytes)
        #expect(storeError { _ = try log.recover() }?.code == .unsupported)
    }

    @Test("a huge length field is read as damage without taking memory for it")
    func hugeLength() throws {
        let log = try LogFixture()
        try log.fill(3)
        for length in [UInt32.max, 1 << 31, 200 << 20, 4096, 3900] as [UInt32] {
            var bytes = log.contents(1)
            let place = LogHeader.size + record + 4
            bytes.withUnsafeMutableBytes {
                $0.storeBytes(of: length.littleEndian, toByteOffset: place, as: UInt32.self)
            }
            log.disk.replace(log.path(1), with: bytes)
            let error = storeError { _ = try log.recover() }
            #expect(error?.code == .corruption, "length \(length)")
            #expect(error?.offset == UInt64(place - 4), "length \(length)")
        }
    }

    @Test("every truncation recovers to a prefix or says corruption")
    func truncations() throws {
        let log = try LogFixture()
        let (_, batches) = try log.fill(6)
        let bytes = log.contents(1)
        for length in 0...(LogHeader.size + 7 * record) {
            log.disk.replace(log.path(1), with: Array(bytes[..<length]))
            let whole = max(0, length - LogHeader.size) / record
            let (report, read) = try log.recover()
            // A record's padding carries nothing: 40 bytes of payload have none.
            #expect(read == Array(batches.prefix(whole)), "cut at \(length)")
            #expect(report.cut?.offset ?? 0 <= UInt64(length), "cut at \(length)")
        }
    }

    @Test("every flipped bit recovers to a prefix or says corruption", arguments: [false, true])
    func bitFlips(isClosed: Bool) throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(6, size: 37)
        if isClosed { try writer.close() }
        let bytes = log.contents(1)
        var corrupt = 0
        for bit in 0..<8 * (LogHeader.size + 8 * record) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            log.disk.replace(log.path(1), with: damaged)
            do {
                let read = try log.recover().batches
                #expect(read == Array(batches.prefix(read.count)), "bit \(bit)")
                // Five of the six are below what a later record claims durable.
                #expect(read.count >= 5, "bit \(bit)")
            } catch {
                #expect(error.code == .corruption, "bit \(bit)")
                corrupt += 1
            }
        }
        #expect(corrupt > 0)
    }
}
