/// Reads the records of one log segment or manifest in order, with one buffer of the largest
/// record.
///
/// Used by one thread.
package final class LogReader {
    /// What stands at the reader's place.
    package enum Event {
        /// An intact record. The payload's bytes are valid until the next call.
        case record(LogRecordHeader, payload: UnsafeRawBufferPointer)
        /// No intact record: the end of the records, or a damaged one.
        case bad
    }

    private static let readSize = 256 << 10

    package let file: any File
    package let fileID: UInt64
    package let fileSize: UInt64
    /// Where the next record is read.
    package private(set) var offset: UInt64

    private var buffer: UnsafeMutableRawBufferPointer
    private var bufferOffset: UInt64 = 0
    private var bufferCount = 0

    /// Starts behind the header.
    package init(file: any File, fileID: UInt64) throws(StoreError) {
        self.file = file
        self.fileID = fileID
        fileSize = try file.size()
        offset = UInt64(LogHeader.size)
        buffer = .allocate(byteCount: Self.readSize, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The file's header; `nil` if it is not an intact one.
    package func header(_ magic: StaticString) throws(StoreError) -> LogHeader? {
        guard let bytes = try bytes(at: 0, LogHeader.size) else { return nil }
        return LogHeader(decoding: bytes, magic: magic)
    }

    /// The record at `offset`, which moves behind it; at `.bad` it stays.
    package func next() throws(StoreError) -> Event {
        guard let record = try intactRecord(at: offset) else { return .bad }
        let header = LogRecordHeader(unverified: record)
        offset += UInt64(header.recordSize)
        return .record(
            header, payload: UnsafeRawBufferPointer(rebasing: record[LogRecordHeader.size...]))
    }

    /// Goes back to `place`, or on to it.
    package func seek(to place: UInt64) { offset = place }

    /// Reads what comes next from the file, not from what was read of it before: another process
    /// may have written there.
    package func forget() { bufferCount = 0 }

    /// The unverified header at `place`, `nil` behind the file's end.
    package func unverifiedHeader(at place: UInt64) throws(StoreError) -> LogRecordHeader? {
        guard let bytes = try bytes(at: place, LogRecordHeader.size) else { return nil }
        return LogRecordHeader(unverified: bytes)
    }

    /// Header and payload at `place` if they are intact. No memory is taken for a length that
    /// cannot be.
    package func intactRecord(at place: UInt64) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard let header = try unverifiedHeader(at: place), header.type != nil,
            header.payloadCount <= LogFormat.maximumPayload, header.durableOffset <= place,
            let record = try bytes(at: place, LogRecordHeader.size + Int(header.payloadCount)),
            LogRecordHeader.verify(record, fileID: fileID, offset: place)
        else { return nil }
        return record
    }

    /// The file's bytes at `place`, `nil` if the file ends before their end.
    private func bytes(
        at place: UInt64, _ count: Int
    ) throws(StoreError) -> UnsafeRawBufferPointer? {
        guard place <= fileSize, UInt64(count) <= fileSize - place else { return nil }
        if place < bufferOffset || place + UInt64(count) > bufferOffset + UInt64(bufferCount) {
            if buffer.count < count {
                buffer.deallocate()
                buffer = .allocate(byteCount: count + Self.readSize, alignment: 16)
            }
            bufferCount = 0
            bufferOffset = place
            bufferCount = try file.read(into: buffer, at: place)
            guard bufferCount >= count else { return nil }
        }
        let start = Int(place - bufferOffset)
        return UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
    }
}
