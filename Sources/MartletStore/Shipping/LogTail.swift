/// Reads a log from some sequence on while another process writes it: from segment to segment, in
/// order, each record once.
///
/// It takes nothing for read that a recovery would cut: it stops where whoever writes says that
/// the log ends or, where nobody does, at the last intact record. One for each follower, and a new
/// one when the log's term changes. Holds L6 for those who are sent what it reads.
///
/// Used by one thread.
package final class LogTail {
    private let fileSystem: any FileSystem
    private let directory: String
    private let storeID: StoreID
    /// The sequence behind all that was handed out.
    package private(set) var next: UInt64
    private var place: Place?
    /// The segment that was read to its seal, until the next one is there.
    private var finished: (id: UInt64, expected: UInt64, epoch: UInt32)?
    /// Read, and too much for the group that it was read for.
    private var pending: ShippedRecord?
    /// Where nothing intact stood when all behind it was searched.
    private var searched: (id: UInt64, offset: UInt64)?

    private struct Place {
        var id: UInt64
        var reader: LogReader
        var header: LogHeader
        /// The sequence of the record that stands at the reader's place.
        var expected: UInt64
    }

    private enum Step {
        case record(LogRecordHeader, UnsafeRawBufferPointer, behind: UInt64)
        case sealed
        case notYet
    }

    /// - Parameters:
    ///   - directory: of the log: the store's `log`.
    ///   - next: the sequence behind what the follower has.
    package init(
        _ fileSystem: any FileSystem, directory: String, storeID: StoreID, next: UInt64
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.storeID = storeID
        self.next = next
    }

    /// The next records, in order and of one epoch; none if there is nothing to read yet.
    ///
    /// - Parameters:
    ///   - end: where the writer says that the log ends; `nil` if nobody writes it.
    ///   - boundary: the first sequence that is not read: the next term's.
    ///   - bytes: of payloads, at most; a record that has more comes alone.
    /// - Throws: `.gone` where the log begins behind `next`, or what it had there was recycled
    ///   meanwhile: the follower needs a seed. `.corruption` with file and offset where a record is
    ///   damaged that the writer, or one behind it, says to be there. `.unsupported`, `.io`.
    package func read(
        upTo end: LogEnd?, before boundary: UInt64 = .max, bytes: Int
    ) throws(StoreError) -> [ShippedRecord] {
        var group: [ShippedRecord] = []
        var size = 0
        while next < boundary, group.isEmpty || size < bytes {
            let record: ShippedRecord?
            do throws(StoreError) {
                record = try readOne(end)
            } catch {
                // First what is in front of it; it will be met again.
                if group.isEmpty { throw error }
                return group
            }
            guard let record else { return group }
            let isOther = group.first.map { $0.epoch != record.epoch } ?? false
            if isOther || (!group.isEmpty && size + record.payload.count > bytes) {
                pending = record
                return group
            }
            group.append(record)
            size += record.payload.count
            next = record.nextSequence ?? next
        }
        return group
    }

    /// The next record at or behind `next`; `nil` if there is none yet.
    private func readOne(_ end: LogEnd?) throws(StoreError) -> ShippedRecord? {
        if let pending {
            self.pending = nil
            return pending
        }
        while let reader = try enter(end)?.reader {
            let start = reader.offset
            do throws(StoreError) {
                switch try step(end) {
                case .notYet: return nil
                case .sealed: leave()
                case .record(let record, let payload, let behind):
                    place?.expected = behind
                    if behind > next { return try shipped(record, payload, reader, start) }
                }
            } catch {
                reader.seek(to: start)
                throw error
            }
        }
        return nil
    }

    private func shipped(
        _ record: LogRecordHeader, _ payload: UnsafeRawBufferPointer, _ reader: LogReader,
        _ offset: UInt64
    ) throws(StoreError) -> ShippedRecord {
        guard record.type == .batch else {
            return ShippedRecord(
                kind: .gap, epoch: record.epoch, sequence: record.sequence, payload: [])
        }
        guard record.sequence >= next else {
            throw damage(reader, offset, "sequence \(next) is inside of a batch")
        }
        return ShippedRecord(
            kind: .batch, epoch: record.epoch, sequence: record.sequence, payload: Array(payload))
    }

    // MARK: Records

    private func step(_ end: LogEnd?) throws(StoreError) -> Step {
        guard let place else { return .notYet }
        let reader = place.reader
        let offset = reader.offset
        if let end {
            if place.id > end.segment.id { return .notYet }
            if place.id == end.segment.id, offset >= end.offset { return .notYet }
        }
        if case .record(let record, let payload) = try reader.next() {
            return try follow(record, payload, at: offset)
        }
        // What was buffered may be older than what was written since.
        if let step = try again() { return step }
        return try judge(end)
    }

    /// The record at the reader's place, read from the file anew; `nil` if none is intact.
    private func again() throws(StoreError) -> Step? {
        guard let reader = place?.reader else { return nil }
        let offset = reader.offset
        reader.forget()
        guard case .record(let record, let payload) = try reader.next() else { return nil }
        return try follow(record, payload, at: offset)
    }

    private func follow(
        _ record: LogRecordHeader, _ payload: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Step {
        guard let place else { return .notYet }
        guard record.epoch == place.header.epoch else {
            throw damage(place.reader, offset, "the record is of epoch \(record.epoch)")
        }
        let expected = place.expected
        switch record.type {
        case .seal where record.sequence == expected: return .sealed
        case .gap where record.sequence > expected:
            return .record(record, payload, behind: record.sequence)
        case .batch where record.sequence == expected:
            guard let count = LogBatch.mutationCount(payload) else {
                throw damage(place.reader, offset, "the batch has no count of its mutations")
            }
            return .record(record, payload, behind: expected + count)
        default:
            let message = "record of sequence \(record.sequence) in place of \(expected)"
            throw damage(place.reader, offset, message)
        }
    }

    /// No intact record stands at the reader's place: the log's end, or what should not be.
    private func judge(_ end: LogEnd?) throws(StoreError) -> Step {
        guard let place else { return .notYet }
        let offset = place.reader.offset
        guard let now = try begun(place.id), now.header == place.header else { throw gone() }
        if let end, place.id < end.segment.id || offset < end.offset {
            throw damage(place.reader, offset, "a record is damaged")
        }
        if try begun(place.id + 1) != nil {
            // The next one is begun when this one is whole.
            if let step = try again() { return step }
            throw damage(place.reader, offset, "a record is damaged")
        }
        guard end == nil else { return .notYet }
        if let searched, searched == (place.id, offset) { return .notYet }
        place.reader.forget()
        let scan = try LogScan(
            place.reader, behind: offset, sequence: place.expected, epoch: place.header.epoch)
        if scan.durableOffset > offset {
            if let step = try again() { return step }
            throw damage(place.reader, offset, "a record is damaged that was synced")
        }
        searched = (place.id, offset)
        return .notYet
    }

    // MARK: Segments

    /// The segment to read in; `nil` while it is not there yet.
    private func enter(_ end: LogEnd?) throws(StoreError) -> Place? {
        if place == nil {
            if finished == nil { place = try find() } else { place = try following(end) }
        }
        return place
    }

    private func leave() {
        guard let place else { return }
        finished = (place.id, place.expected, place.header.epoch)
        place.reader.file.close()
        self.place = nil
    }

    /// The newest segment that begins at or in front of `next`.
    private func find() throws(StoreError) -> Place? {
        var isThere = false
        for id in try segments().reversed() {
            guard let found = try begun(id) else { continue }
            isThere = true
            if found.header.firstSequence <= next { return found }
            found.reader.file.close()
        }
        if isThere { throw gone() }
        return nil
    }

    /// The segment behind the one that was read to its seal.
    private func following(_ end: LogEnd?) throws(StoreError) -> Place? {
        guard let finished else { return nil }
        let path = LogFormat.segmentPath(directory, finished.id + 1)
        guard let found = try begun(finished.id + 1) else {
            let isBehind = try segments().contains { $0 > finished.id + 1 }
            guard isBehind || end.map({ $0.segment.id > finished.id }) ?? false else { return nil }
            // It was begun; looked for once more, since it may just have been.
            if let found = try begun(finished.id + 1) { return try join(found) }
            guard fileSystem.exists(path) else { throw gone() }
            throw StoreError(.corruption, "the segment's header is damaged", path: path, offset: 0)
        }
        return try join(found)
    }

    private func join(_ found: Place) throws(StoreError) -> Place {
        guard let finished else { return found }
        let first = found.header.firstSequence
        guard first == finished.expected else {
            let message = "the segment begins at sequence \(first), not at \(finished.expected)"
            throw damage(found.reader, 40, message)
        }
        guard found.header.epoch >= finished.epoch else {
            throw damage(found.reader, 12, "the epoch goes back from \(finished.epoch)")
        }
        self.finished = nil
        return found
    }

    private func segments() throws(StoreError) -> [UInt64] {
        try fileSystem.list(directory).compactMap(LogFormat.segment(ofName:)).sorted()
    }

    /// The segment, if its file is there and has been begun.
    private func begun(_ id: UInt64) throws(StoreError) -> Place? {
        let path = LogFormat.segmentPath(directory, id)
        let file: any File
        do throws(StoreError) {
            file = try fileSystem.open(path, .read)
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
        let reader = try LogReader(file: file, fileID: id)
        guard let header = try reader.header(LogFormat.segmentMagic), header.fileID == id else {
            file.close()
            return nil
        }
        guard header.version <= LogFormat.version else {
            let message = "log format \(header.version) is newer than \(LogFormat.version)"
            throw StoreError(.unsupported, message, path: path, offset: 8)
        }
        guard header.storeID == storeID else {
            let message = "the segment is of store \(header.storeID), not of \(storeID)"
            throw StoreError(.corruption, message, path: path, offset: 24)
        }
        return Place(id: id, reader: reader, header: header, expected: header.firstSequence)
    }

    private func gone() -> StoreError {
        StoreError(.gone, "the log has no sequence \(next) any more", path: directory)
    }

    private func damage(_ reader: LogReader, _ offset: UInt64, _ message: String) -> StoreError {
        StoreError(.corruption, message, path: reader.file.path, offset: offset)
    }
}
