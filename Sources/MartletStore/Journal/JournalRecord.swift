/// One record of a journal's file: docs/formats/failed.md.
package struct JournalRecord: Hashable, Sendable {
    /// Bytes in front of the payload.
    package static let headSize = 32
    /// The types that this version knows.
    private static let types: ClosedRange<UInt32> = 1...4

    package var type: UInt8
    /// Of the request that it is about.
    package var id: UInt64
    package var payload: [UInt8]

    package init(type: UInt8, id: UInt64, payload: [UInt8]) {
        self.type = type
        self.id = id
        self.payload = payload
    }

    package static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

    /// Where a record stands in its file.
    package struct Place: Hashable, Sendable {
        package var offset: Int
        /// 1 for the file's first record.
        package var sequence: UInt64
        /// Up to where the file was synced when the record was written.
        package var durable: UInt32

        package init(offset: Int, sequence: UInt64, durable: UInt32) {
            self.offset = offset
            self.sequence = sequence
            self.durable = durable
        }
    }

    package func encoded(at place: Place, salt: UInt64) -> [UInt8] {
        var rest = FieldEncoder()
        rest.put(UInt32(clamping: payload.count))
        rest.put(place.sequence)
        rest.put(id)
        rest.put(place.durable)
        rest.bytes += [type, 0, 0, 0]
        rest.bytes += payload
        var record = FieldEncoder()
        record.put(
            rest.bytes.withUnsafeBytes {
                Checksum.crc32c($0, continuing: Self.seed(salt, place.offset))
            })
        record.bytes += rest.bytes
        record.bytes += repeatElement(
            0, count: Self.padded(record.bytes.count) - record.bytes.count)
        return record.bytes
    }

    private static func seed(_ salt: UInt64, _ offset: Int) -> UInt32 {
        Checksum.seed(fileID: salt, offset: UInt64(offset))
    }

    /// A record that was found intact.
    package struct Found: Sendable {
        package var record: JournalRecord
        package var place: Place
        /// The offset behind it.
        package var end: Int
    }

    /// The record at `offset`; `nil` if none is intact there.
    package static func read(
        _ file: UnsafeRawBufferPointer, at offset: Int, salt: UInt64
    ) -> Found? {
        guard file.count - offset >= headSize else { return nil }
        let length = Int(file.number(at: offset + 4, UInt32.self))
        let type = file.number(at: offset + 28, UInt32.self)
        guard types.contains(type), length <= file.count - offset - headSize else { return nil }
        let covered = file[(offset + 4)..<(offset + headSize + length)]
        let checksum = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: covered), continuing: seed(salt, offset))
        guard checksum == file.number(at: offset, UInt32.self) else { return nil }
        let place = Place(
            offset: offset, sequence: file.number(at: offset + 8, UInt64.self),
            durable: file.number(at: offset + 24, UInt32.self))
        let record = JournalRecord(
            type: UInt8(type), id: file.number(at: offset + 16, UInt64.self),
            payload: Array(covered.dropFirst(headSize - 4)))
        return Found(record: record, place: place, end: offset + padded(headSize + length))
    }
}
