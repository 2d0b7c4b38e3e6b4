import MartletSimulation
import Testing

@testable import MartletStore

@Suite("The log's writer") struct LogWriterTests {
    @Test("a group of records takes one write")
    func oneWrite() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        log.disk.startTrace()
        try LogFixture.append((1...20).map { LogFixture.batch($0) }, to: writer)
        #expect(log.disk.trace.count { $0.contains(" write ") } == 1)
        #expect(log.disk.trace.count { $0.contains(" sync ") } == 1)
        #expect(try log.recover().batches == (1...20).map { LogFixture.batch($0) })
    }

    @Test("the timestamp in front of the payload is written as part of it")
    func timestamp() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        let rest: [UInt8] = [1, 0, 0, 0, 42]
        try writer.begin(records: 1, payloadBytes: 13)
        try rest.span.bytes.withUnsafeBytes { bytes throws(StoreError) in
            try writer.add(sequence: 1, count: 1, timestamp: 0x0102, rest: bytes)
        }
        try writer.write()
        #expect(try log.recover().batches.first?.payload == [2, 1, 0, 0, 0, 0, 0, 0] + rest)
    }

    @Test("batches of several mutations take as many sequences")
    func counts() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        let batches = [LogFixture.batch(1, count: 3), LogFixture.batch(4, count: 100)]
        try LogFixture.append(batches, to: writer)
        let (report, read) = try log.recover()
        #expect(read == batches)
        #expect(report.nextSequence == 104)
    }

    @Test("sequences given out without the log are told in it")
    func gap() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        let batches = [LogFixture.batch(5), LogFixture.batch(6), LogFixture.batch(90)]
        try LogFixture.append(batches, to: writer)
        #expect(try log.recover().batches == batches)
        let error = storeError { try LogFixture.append([LogFixture.batch(90)], to: writer) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a group that was begun and not written leaves no trace")
    func dropped() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        try writer.begin(records: 1, payloadBytes: 40)
        let payload = LogFixture.batch(1).payload
        try payload.span.bytes.withUnsafeBytes { bytes throws(StoreError) in
            try writer.add(sequence: 1, count: 1, head: bytes)
        }
        try LogFixture.append([LogFixture.batch(1, size: 99)], to: writer)
        #expect(try log.recover().batches == [LogFixture.batch(1, size: 99)])
    }

    @Test("a group larger than a segment gets a segment of its own size")
    func largeGroup() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        let batches = [
            LogFixture.batch(1), LogFixture.batch(2, size: 100_000), LogFixture.batch(3),
        ]
        for batch in batches { try LogFixture.append([batch], to: writer) }
        #expect(writer.segments.map(\.id) == [1, 2])
        #expect(writer.segments[1].bytes > 100_000)
        #expect(writer.bytes == writer.segments.reduce(0) { $0 + $1.bytes })
        #expect(try log.recover().batches == batches)
    }

    @Test("a segment is synced before the next one has a record")
    func rollSyncs() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        var sequence: UInt64 = 1
        while writer.currentSegment == 1 {
            try LogFixture.append([LogFixture.batch(sequence)], to: writer, syncing: false)
            sequence += 1
        }
        log.disk.crash(seed: 1, mode: .loseAll)
        let (report, read) = try log.recover()
        #expect(read == (1..<sequence - 1).map { LogFixture.batch($0) })
        #expect(report.cut == nil)
    }

    @Test("recycled segments never show stale records")
    func recycling() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        var minimum: UInt64 = 1
        var kept: [LogFixture.Batch] = []
        for sequence in UInt64(1)...2_000 {
            let batch = LogFixture.batch(sequence, size: 24 + Int(sequence % 7) * 8)
            let before = writer.currentSegment
            try LogFixture.append([batch], to: writer)
            kept.append(batch)
            if writer.currentSegment != before, writer.currentSegment % 3 == 0 {
                minimum = writer.currentSegment
                try writer.obsolete(before: minimum)
                kept = [batch]
            }
            if sequence % 37 == 0 {
                let read = try LogRecovery.run(
                    log.disk, directory: LogFixture.directory, storeID: LogFixture.storeID,
                    minimumSegment: minimum, repairs: false
                ) { _, _, _, _ in }
                #expect(read.records == kept.count)
                #expect(read.nextSequence == sequence + 1)
                #expect(read.cut == nil)
            }
        }
        #expect(try log.disk.list(LogFixture.directory).count <= 5)
        #expect(try log.recover(minimum: minimum).batches == kept)
    }

    @Test("obsolete segments of an earlier run are used again")
    func adoption() throws {
        let log = try LogFixture()
        let (writer, _) = try log.fill(200)
        let minimum = writer.currentSegment
        let report = try log.recover(minimum: minimum).report
        #expect(report.obsolete == Array(1..<minimum))
        let next = try log.writer(report)
        #expect(next.segments.map(\.id) == [minimum, minimum + 1])
        #expect(try log.disk.list(LogFixture.directory).count <= 4)
    }
}
