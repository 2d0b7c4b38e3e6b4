/// Walks over one log segment or manifest, whole or damaged: shows every record that is readable
/// and says where something is not. Recovery stops at the first damage; this goes on behind it.
package struct LogInspection {
    /// What the walk meets, in the order of the file.
    package enum Event {
        /// The file's intact header.
        case header(LogHeader)
        /// An intact record at `offset`. The payload is valid in the call only.
        case record(LogRecordHeader, offset: UInt64, payload: UnsafeRawBufferPointer)
        /// Something is wrong at the error's offset.
        case damage(StoreError)
    }

    /// How the records end.
    package enum End: Sendable, Equatable {
        /// With a seal: the segment was finished or its store closed.
        case sealed(at: UInt64)
        /// With room for the next record: the file may still be written to.
        case live(at: UInt64)
        /// With a record that was not wholly written; opening the store cuts it.
        case torn(LogCut)
        /// The walk was stopped by its owner.
        case stopped(at: UInt64)
    }

    /// Takes an event; returns false to stop.
    package typealias Body = (Event) throws(StoreError) -> Bool

    private let reader: LogReader
    private var header: LogHeader?
    private var expected: UInt64?

    /// Walks over `file`.
    ///
    /// - Parameters:
    ///   - fileID: the id that the file's name says.
    ///   - magic: what kind of file it is.
    ///   - body: returns false to stop.
    /// - Throws: what `body` throws, and `.io`; damage is an event.
    package static func run(
        file: any File, fileID: UInt64, magic: StaticString, _ body: Body
    ) throws(StoreError) -> End {
        var walk = LogInspection(reader: try LogReader(file: file, fileID: fileID))
        return try walk.run(magic, body)
    }

    private init(reader: LogReader) { self.reader = reader }

    private mutating func run(
        _ magic: StaticString, _ body: Body
    ) throws(StoreError) -> End {
        if let found = try reader.header(magic), found.fileID == reader.fileID {
            header = found
            expected = found.firstSequence
            guard try body(.header(found)) else { return .stopped(at: 0) }
        } else if try !body(.damage(damage(0, "the header is damaged, or of another file"))) {
            return .stopped(at: 0)
        }
        if reader.fileSize < UInt64(header?.capacity ?? 0) {
            let message = "the file was cut: its header reserves \(header?.capacity ?? 0) bytes"
            guard try body(.damage(damage(reader.fileSize, message))) else {
                return .stopped(at: UInt64(LogHeader.size))
            }
        }
        while true {
            let place = reader.offset
            guard case .record(let record, let payload) = try reader.next() else {
                if let end = try skipDamage(at: place, body) { return end }
                continue
            }
            guard try check(record, payload, at: place, body),
                try body(.record(record, offset: place, payload: payload))
            else { return .stopped(at: place) }
            if record.type == .seal { return .sealed(at: place) }
        }
    }

    /// Says where a record does not follow the ones before; false to stop.
    private mutating func check(
        _ record: LogRecordHeader, _ payload: UnsafeRawBufferPointer, at place: UInt64, _ body: Body
    ) throws(StoreError) -> Bool {
        let sequence = record.sequence
        let isExpected =
            record.type == .gap ? sequence >= expected ?? 0 : sequence == expected ?? sequence
        let count = record.type == .batch ? LogBatch.mutationCount(payload) : 1
        var problem: String?
        if !isExpected {
            problem = "sequence \(sequence) in place of \(expected ?? 0)"
        } else if let header, record.epoch != header.epoch {
            problem = "epoch \(record.epoch) in a file of epoch \(header.epoch)"
        } else if count == nil {
            problem = "the batch has no count of its mutations"
        }
        switch record.type {
        case .batch: expected = sequence + (count ?? 1)
        case .edit: expected = sequence + 1
        case .gap, .seal, nil: expected = sequence
        }
        guard let problem else { return true }
        return try body(.damage(damage(place, problem)))
    }

    /// Goes on at the next intact record, or says how the records end.
    private mutating func skipDamage(
        at place: UInt64, _ body: Body
    ) throws(StoreError) -> End? {
        let scan = try LogScan(
            reader, behind: place, sequence: expected ?? 0, epoch: header?.epoch)
        guard let next = scan.firstRecord else {
            return try tornEnd(at: place).map { .torn($0) } ?? .live(at: place)
        }
        let message =
            scan.durableOffset > place
            ? "a record is damaged that was synced; the next intact one is at \(next)"
            : "an unsynced record is damaged; opening the store cuts it and all behind it"
        guard try body(.damage(damage(place, message))) else { return .stopped(at: place) }
        reader.seek(to: next)
        expected = nil
        return nil
    }

    /// The record at `place` that began and was not finished, if there is one.
    private func tornEnd(at place: UInt64) throws(StoreError) -> LogCut? {
        let path = reader.file.path
        guard let torn = try reader.unverifiedHeader(at: place) else {
            guard place < reader.fileSize else { return nil }
            return LogCut(path: path, offset: place, bytes: reader.fileSize - place)
        }
        guard torn.type != nil, torn.sequence == expected ?? torn.sequence, torn.trailer != 0,
            torn.epoch == header?.epoch ?? torn.epoch
        else { return nil }
        let end = min(place + UInt64(torn.recordSize), reader.fileSize)
        return LogCut(path: path, offset: place, bytes: end - place)
    }

    private func damage(_ offset: UInt64, _ message: String) -> StoreError {
        StoreError(.corruption, message, path: reader.file.path, offset: offset)
    }
}
