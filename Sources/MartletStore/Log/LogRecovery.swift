/// Reads the log from its oldest needed segment to its end: hands on every batch once, in order,
/// tells a cut tail from corruption, and leaves the log so that a new segment can follow.
package struct LogRecovery {
    /// Takes one batch: its segment, its first sequence, its epoch, and its payload, valid in the
    /// call only.
    package typealias Replay = (
        _ segment: UInt64, _ sequence: UInt64, _ epoch: UInt32, _ payload: UnsafeRawBufferPointer
    ) throws(StoreError) -> Void

    /// Told of the sequence behind the end of a log that was left open, when all in front of it is
    /// durable, and before a seal says that the log was closed there.
    package typealias BeforeSeal = (_ nextSequence: UInt64) throws(StoreError) -> Void

    private struct Opened {
        var id: UInt64
        var reader: LogReader
        var header: LogHeader
    }

    private let fileSystem: any FileSystem
    private let directory: String
    private let storeID: StoreID
    private let repairs: Bool
    private let cut: UInt64?
    private let beforeSeal: BeforeSeal
    private var report = LogReport()

    /// Replays the log in `directory`.
    ///
    /// - Parameters:
    ///   - minimumSegment: the oldest segment whose batches are not all in tables; 0 or 1 for all.
    ///   - repairs: whether the end found is written down (a seal) and made durable, as it must be
    ///     before a writer goes on. False for read-only opens.
    ///   - cut: the last sequence of a log that is being cut, whatever its files hold behind.
    ///   - beforeSeal: what must be durable before a log that was left open looks closed.
    /// - Throws: `.corruption` with file and offset where a record that was synced is not intact;
    ///   batches before it have been replayed then. `.unsupported` for a newer format. What
    ///   `replay` throws.
    package static func run(
        _ fileSystem: any FileSystem, directory: String, storeID: StoreID, minimumSegment: UInt64,
        repairs: Bool = true, cut: UInt64? = nil,
        beforeSeal: @escaping BeforeSeal = { (_) throws(StoreError) in }, replay: Replay
    ) throws(StoreError) -> LogReport {
        var recovery = LogRecovery(
            fileSystem: fileSystem, directory: directory, storeID: storeID, repairs: repairs,
            cut: cut, beforeSeal: beforeSeal)
        var segments = try recovery.openSegments(minimumSegment)
        if let cut { try recovery.drop(&segments, behind: cut) }
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            try recovery.read(segment, isLast: isLast, replay)
        }
        return recovery.report
    }

    private init(
        fileSystem: any FileSystem, directory: String, storeID: StoreID, repairs: Bool,
        cut: UInt64?, beforeSeal: @escaping BeforeSeal
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.storeID = storeID
        self.repairs = repairs
        self.cut = cut
        self.beforeSeal = beforeSeal
    }

    private mutating func openSegments(_ minimum: UInt64) throws(StoreError) -> [Opened] {
        let ids = try fileSystem.list(directory).compactMap(LogFormat.segment(ofName:)).sorted()
        report.obsolete = ids.filter { $0 < minimum }
        let live = ids.filter { $0 >= minimum }
        if live.isEmpty, minimum > 1 {
            let path = LogFormat.segmentPath(directory, minimum)
            throw StoreError(.corruption, "every segment of the log is missing", path: path)
        }
        report.nextSegment = max(minimum, 1)
        var opened: [Opened] = []
        for (index, id) in live.enumerated() {
            let expected = index == 0 ? (minimum > 1 ? minimum : id) : live[index - 1] + 1
            let path = LogFormat.segmentPath(directory, expected)
            guard id == expected else {
                throw StoreError(.corruption, "a log segment is missing", path: path)
            }
            let isLast = index == live.count - 1
            let file = try fileSystem.open(path, repairs ? .readWrite : .read)
            let reader = try LogReader(file: file, fileID: id)
            if let header = try header(of: reader, isLast: isLast) {
                opened.append(Opened(id: id, reader: reader, header: header))
                report.nextSegment = id + 1
            } else if repairs {
                file.close()
                try fileSystem.remove(path)
            }
        }
        return opened
    }

    /// The segment's header; `nil` for a last segment that a crash left before its first record.
    private func header(
        of reader: LogReader, isLast: Bool
    ) throws(StoreError) -> LogHeader? {
        let path = reader.file.path
        guard let header = try reader.header(LogFormat.segmentMagic),
            header.fileID == reader.fileID
        else {
            // The header is synced before the first record is written: records without one were
            // not left by a crash.
            let before = UInt64(LogHeader.size - LogFormat.alignment)
            let scan = try LogScan(reader, behind: before, sequence: 0, epoch: nil)
            if isLast, scan.firstRecord == nil { return nil }
            throw StoreError(.corruption, "the segment's header is damaged", path: path, offset: 0)
        }
        guard header.version <= LogFormat.version else {
            let message = "log format \(header.version) is newer than \(LogFormat.version)"
            throw StoreError(.unsupported, message, path: path, offset: 8)
        }
        guard header.storeID == storeID else {
            let message = "the segment is of store \(header.storeID), not of \(storeID)"
            throw StoreError(.corruption, message, path: path, offset: 24)
        }
        return header
    }

    /// Leaves out the segments whose records are all behind `cut`, and removes them, newest first:
    /// at each moment what is left is a log.
    private mutating func drop(
        _ segments: inout [Opened], behind cut: UInt64
    ) throws(StoreError) {
        while segments.count > 1, let last = segments.last, last.header.firstSequence > cut {
            segments.removeLast()
            report.nextSegment = last.id
            guard repairs else { continue }
            last.reader.file.close()
            try fileSystem.remove(LogFormat.segmentPath(directory, last.id))
            try fileSystem.syncDirectory(directory)
        }
    }

    private mutating func read(
        _ segment: Opened, isLast: Bool, _ replay: Replay
    ) throws(StoreError) {
        let reader = segment.reader
        let first = segment.header.firstSequence
        if let expected = report.nextSequence, first != expected {
            throw damage(reader, 40, "the segment begins at sequence \(first), not at \(expected)")
        }
        guard segment.header.epoch >= report.epoch else {
            throw damage(reader, 12, "the epoch goes back from \(report.epoch)")
        }
        report.epoch = segment.header.epoch
        var next = first
        var isSealed = false
        var isCut = false
        while !isSealed {
            let place = reader.offset
            isCut = next > cut ?? .max
            if isCut { break }
            guard case .record(let record, let payload) = try reader.next() else { break }
            guard record.epoch == report.epoch else {
                throw damage(reader, place, "the record is of epoch \(record.epoch)")
            }
            isSealed = record.type == .seal
            let behind = try follow(record, payload, expected: next, at: place, reader)
            if let cut, behind > cut + 1, record.type != .seal {
                guard record.type == .gap else {
                    throw damage(reader, place, "sequence \(cut) is no end of a batch")
                }
                reader.seek(to: place)
                isCut = true
                break
            }
            next = behind
            if record.type == .batch {
                try replay(segment.id, record.sequence, record.epoch, payload)
                report.records += 1
            }
        }
        report.nextSequence = next
        report.isSealed = isSealed
        report.segments.append(
            LogSegment(id: segment.id, bytes: reader.fileSize, firstSequence: first))
        if isCut {
            report.isSealed = true
            if repairs { try writeSeal(reader, next) }
        } else if !isSealed {
            if !isLast { throw damage(reader, reader.offset, "a record is damaged") }
            try cutTail(segment)
        } else if isLast && repairs {
            // What was read may be in the page cache only; the next segment builds on it.
            try reader.file.sync()
        }
    }

    /// The sequence expected behind `record`.
    private func follow(
        _ record: LogRecordHeader, _ payload: UnsafeRawBufferPointer, expected: UInt64,
        at place: UInt64, _ reader: LogReader
    ) throws(StoreError) -> UInt64 {
        switch record.type {
        case .batch where record.sequence == expected:
            guard let count = LogBatch.mutationCount(payload) else {
                throw damage(reader, place, "the batch has no count of its mutations")
            }
            return expected + count
        case .gap where record.sequence > expected, .seal where record.sequence == expected:
            return record.sequence
        default:
            let message = "record of sequence \(record.sequence) in place of \(expected)"
            throw damage(reader, place, message)
        }
    }

    /// Ends the log at the reader's place, unless what stands behind says that more was synced.
    private mutating func cutTail(_ segment: Opened) throws(StoreError) {
        let reader = segment.reader
        let place = reader.offset
        let next = report.nextSequence ?? 0
        let epoch = segment.header.epoch
        let scan = try LogScan(reader, behind: place, sequence: next, epoch: epoch)
        guard scan.durableOffset <= place else {
            throw damage(reader, place, "a record is damaged that was synced")
        }
        var end = scan.end
        if place < reader.fileSize {
            if let torn = try reader.unverifiedHeader(at: place) {
                if torn.sequence == next, torn.type != nil, torn.epoch == epoch {
                    end = max(end, min(place + UInt64(torn.recordSize), reader.fileSize))
                }
            } else {
                end = reader.fileSize
            }
        }
        if end > place {
            report.cut = LogCut(path: reader.file.path, offset: place, bytes: end - place)
        }
        if repairs { try writeSeal(reader, next) }
    }

    /// Writes the cut down, so that neither a later damage nor the records behind it are taken for
    /// more or less than they are. What is in front of the seal is made durable first: the seal
    /// claims it.
    private func writeSeal(
        _ reader: LogReader, _ sequence: UInt64
    ) throws(StoreError) {
        let (file, place, epoch) = (reader.file, reader.offset, report.epoch)
        try file.sync()
        if cut == nil { try beforeSeal(sequence) }
        let header = LogRecordHeader(
            payloadCount: 0, epoch: epoch, durableOffset: UInt32(truncatingIfNeeded: place),
            sequence: sequence, type: .seal)
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LogRecordHeader.size, alignment: 8)
        defer { bytes.deallocate() }
        if let base = bytes.baseAddress {
            header.seal(base, fileID: reader.fileID, offset: place)
        }
        try file.write(UnsafeRawBufferPointer(bytes), at: place)
        try file.sync()
    }

    private func damage(_ reader: LogReader, _ offset: UInt64, _ message: String) -> StoreError {
        StoreError(.corruption, message, path: reader.file.path, offset: offset)
    }
}
