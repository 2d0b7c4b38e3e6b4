import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Whoever reads along in the log") struct LogTailReadingTests {
    private func tail(_ log: LogFixture, from next: UInt64 = 1) -> LogTail {
        LogTail(
            log.disk, directory: LogFixture.directory, storeID: LogFixture.storeID, next: next)
    }

    private func all(
        _ tail: LogTail, upTo end: LogEnd? = nil, bytes: Int = 200
    ) throws(StoreError) -> [ShippedRecord] {
        var records: [ShippedRecord] = []
        while true {
            let group = try tail.read(upTo: end, bytes: bytes)
            if group.isEmpty { return records }
            records += group
        }
    }

    private func shipped(_ batches: [LogFixture.Batch], epoch: UInt32 = 1) -> [ShippedRecord] {
        batches.map {
            ShippedRecord(kind: .batch, epoch: epoch, sequence: $0.sequence, payload: $0.payload)
        }
    }

    @Test("gets every record once, over segments, in groups of the asked size")
    func everything() throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(100, size: 200)
        #expect(writer.segments.count > 3)
        #expect(try all(tail(log), upTo: writer.end().end, bytes: 1000) == shipped(batches))
        #expect(try all(tail(log)) == shipped(batches))
        let reader = tail(log)
        #expect(try reader.read(upTo: nil, bytes: 1000).count == 5)
        #expect(reader.next == 6)
        #expect(try reader.read(upTo: nil, bytes: 1).count == 1)
        #expect(try reader.read(upTo: nil, before: 9, bytes: 1000).count == 2)
        #expect(try reader.read(upTo: nil, before: 9, bytes: 1000).isEmpty)
        #expect(try reader.read(upTo: nil, bytes: 400).map(\.sequence) == [9, 10])
    }

    @Test("begins at any record, and inside of none")
    func beginnings() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        let batches = (0..<40).map { LogFixture.batch($0 * 3 + 1, count: 3, size: 300) }
        for batch in batches { try LogFixture.append([batch], to: writer) }
        for (index, batch) in batches.enumerated() {
            let read = try all(tail(log, from: batch.sequence))
            #expect(read == shipped(Array(batches[index...])))
        }
        #expect(try all(tail(log, from: 121)).isEmpty)
        #expect(storeError { _ = try all(tail(log, from: 8)) }?.code == .corruption)
    }

    @Test("sees what is written while it reads, and not what is not said to be there")
    func following() throws {
        let log = try LogFixture()
        let reader = tail(log)
        #expect(try reader.read(upTo: nil, bytes: 100).isEmpty)
        let writer = try log.writer()
        var end = writer.end().end
        for sequence in UInt64(1)...60 {
            let batch = LogFixture.batch(sequence, size: 400)
            try LogFixture.append([batch], to: writer, syncing: sequence % 3 == 0)
            #expect(try reader.read(upTo: end, bytes: 1).isEmpty)
            end = writer.end().end
            #expect(try reader.read(upTo: end, bytes: 1) == shipped([batch]))
        }
        try writer.close()
        #expect(try reader.read(upTo: nil, bytes: 1).isEmpty)
        let next = try log.writer(try log.recover().report, epoch: 2)
        try LogFixture.append([LogFixture.batch(61)], to: next)
        #expect(try all(reader) == shipped([LogFixture.batch(61)], epoch: 2))
    }

    @Test("gets gaps, and groups of one epoch only")
    func gapsAndEpochs() throws {
        let log = try LogFixture()
        let writer = try log.writer()
        try LogFixture.append([LogFixture.batch(1), LogFixture.batch(5)], to: writer)
        try writer.raise(epoch: 3)
        try LogFixture.append([LogFixture.batch(6)], to: writer)
        let gap = ShippedRecord(kind: .gap, epoch: 1, sequence: 5, payload: [])
        let before =
            shipped([LogFixture.batch(1)]) + [gap] + shipped([LogFixture.batch(5)])
        let after = shipped([LogFixture.batch(6)], epoch: 3)
        let reader = tail(log)
        #expect(try reader.read(upTo: nil, bytes: 9999) == before)
        #expect(try reader.read(upTo: nil, bytes: 9999) == after)
        #expect(try all(tail(log, from: 2)) == Array(before.dropFirst()) + after)
        #expect(try all(tail(log, from: 3)) == Array(before.dropFirst()) + after)
        #expect(try all(tail(log, from: 5)) == Array(before.dropFirst(2)) + after)
    }

    @Test("is told that what it needs was given up, from the start or in the middle")
    func recycled() throws {
        let log = try LogFixture()
        let (writer, _) = try log.fill(40, size: 400)
        let early = tail(log)
        let stays = tail(log, from: 35)
        #expect(try early.read(upTo: nil, bytes: 500).count == 1)
        #expect(try stays.read(upTo: nil, bytes: 1).map(\.sequence) == [35])
        try writer.obsolete(before: writer.currentSegment)
        // The files of some are written over by later segments.
        for sequence in UInt64(41)...90 {
            try LogFixture.append([LogFixture.batch(sequence, size: 400)], to: writer)
        }
        #expect(storeError { _ = try all(tail(log)) }?.code == .gone)
        #expect(storeError { _ = try all(early) }?.code == .gone)
        #expect(try all(stays).map(\.sequence) == Array(36...90))
        #expect(try all(tail(log, from: 85)).map(\.sequence) == [85, 86, 87, 88, 89, 90])
    }

    @Test("waits at a torn tail, and calls damage of what was synced by its name")
    func damage() throws {
        let log = try LogFixture()
        let (writer, batches) = try log.fill(5, size: 100)
        let end = writer.end().end
        let size = LogFormat.recordSize(payload: 100)
        let torn = LogHeader.size + 4 * size + 40
        log.disk.flipBit(log.path(1), offset: torn)
        // Nobody says that it was synced: the end, as a recovery would have it.
        #expect(try all(tail(log)) == shipped(Array(batches[..<4])))
        // The writer says that it is there.
        let error = storeError { _ = try all(tail(log), upTo: end) }
        #expect(error?.code == .corruption)
        #expect(error?.offset == UInt64(LogHeader.size + 4 * size))
        log.disk.flipBit(log.path(1), offset: torn)
        log.disk.flipBit(log.path(1), offset: torn - 2 * size)
        // A later record says that it was synced.
        let reader = tail(log)
        #expect(storeError { _ = try all(reader) }?.code == .corruption)
        #expect(reader.next == 3)
    }

    @Test("goes on where a torn record was written whole")
    func tornThenWhole() throws {
        let log = try LogFixture()
        let (_, batches) = try log.fill(3, size: 600)
        let bytes = log.contents(1)
        let reader = tail(log)
        var half = bytes
        for index in 1700..<bytes.count { half[index] = 0 }
        log.disk.replace(log.path(1), with: half)
        #expect(try all(reader) == shipped(Array(batches[..<2])))
        #expect(try reader.read(upTo: nil, bytes: 1).isEmpty)
        try write(bytes, to: log)
        #expect(try all(reader) == shipped([batches[2]]))
    }

    /// Into the same file, as its writer would.
    private func write(_ bytes: [UInt8], to log: LogFixture) throws {
        let file = try log.disk.open(log.path(1), .readWrite)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    }

    @Test("a damaged record in a segment that was finished, and another store's log, are refused")
    func finished() throws {
        let log = try LogFixture()
        try log.fill(30, size: 400)
        log.disk.flipBit(log.path(2), offset: 1000)
        #expect(storeError { _ = try all(tail(log)) }?.code == .corruption)
        let other = LogTail(
            log.disk, directory: LogFixture.directory, storeID: StoreID(low: 1, high: 1), next: 1)
        #expect(storeError { _ = try all(other) }?.code == .corruption)
    }

    @Test("after a power cut reads what a recovery finds, before and after it", arguments: 0..<40)
    func powerCuts(_ seed: UInt64) throws {
        let log = try LogFixture()
        var random = SeededGenerator(seed: seed)
        let writer = try log.writer()
        for sequence in UInt64(1)...UInt64.random(in: 2...60, using: &random) {
            try LogFixture.append(
                [LogFixture.batch(sequence, size: Int.random(in: 40...600, using: &random))],
                to: writer, syncing: Int.random(in: 0..<4, using: &random) == 0)
        }
        let mode = CrashMode.allCases.randomElement(using: &random) ?? .random
        log.disk.crash(seed: seed, mode: mode)
        let read = try all(tail(log))
        let (report, batches) = try log.recover()
        let isSame = read == shipped(batches)
        #expect(isSame, "seed \(seed) (\(mode))")
        let reader = tail(log)
        #expect(try all(reader) == read, "seed \(seed)")
        let next = try log.writer(report, epoch: 2)
        let behind = LogFixture.batch(report.lastSequence + 1)
        try LogFixture.append([behind], to: next)
        #expect(try all(reader) == shipped([behind], epoch: 2), "seed \(seed)")
    }
}
