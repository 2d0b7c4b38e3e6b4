/// What a record is. Raw values are part of the format.
package enum LogRecordType: UInt8, Sendable {
    /// The mutations of one batch.
    case batch = 1
    /// The last record of a segment; no payload.
    case seal = 2
    /// A manifest edit.
    case edit = 3
    /// Sequences up to the record's own were given out without being logged; no payload.
    case gap = 4
}

/// The 24 bytes in front of each record's payload, in log segments and manifests alike.
package struct LogRecordHeader: Sendable, Equatable {
    /// Bytes in the file.
    package static let size = 24

    /// Bytes of payload behind the header, without the padding.
    package var payloadCount: UInt32
    /// The store's epoch when the record was written.
    package var epoch: UInt32
    /// Up to which offset of this file a sync had been completed when the record was written.
    package var durableOffset: UInt32
    /// `sequence << 8 | type`.
    package var trailer: UInt64

    package init(
        payloadCount: UInt32, epoch: UInt32, durableOffset: UInt32, sequence: UInt64,
        type: LogRecordType
    ) {
        self.payloadCount = payloadCount
        self.epoch = epoch
        self.durableOffset = durableOffset
        self.trailer = sequence << 8 | UInt64(type.rawValue)
    }

    /// The header in the first 24 bytes of `bytes`, nothing of it verified.
    @inline(__always)
    package init(unverified bytes: UnsafeRawBufferPointer) {
        payloadCount = bytes.number(at: 4, UInt32.self)
        epoch = bytes.number(at: 8, UInt32.self)
        durableOffset = bytes.number(at: 12, UInt32.self)
        trailer = bytes.number(at: 16, UInt64.self)
    }

    /// The record's own sequence: a batch's first, the next one expected for a seal or gap.
    @inline(__always) package var sequence: UInt64 { trailer >> 8 }
    /// `nil` for types that this version does not know.
    package var type: LogRecordType? { LogRecordType(rawValue: UInt8(truncatingIfNeeded: trailer)) }

    /// Bytes that the record takes in the file, with header and padding.
    @inline(__always)
    package var recordSize: Int { LogFormat.recordSize(payload: Int(payloadCount)) }

    /// Completes a record at `record`, whose payload stands in its place already: writes the header
    /// with its checksum for a record at `offset` of the file, and the padding.
    @inline(__always)
    package func seal(_ record: UnsafeMutableRawPointer, fileID: UInt64, offset: UInt64) {
        record.storeBytes(of: payloadCount.littleEndian, toByteOffset: 4, as: UInt32.self)
        record.storeBytes(of: epoch.littleEndian, toByteOffset: 8, as: UInt32.self)
        record.storeBytes(of: durableOffset.littleEndian, toByteOffset: 12, as: UInt32.self)
        record.storeBytes(of: trailer.littleEndian, toByteOffset: 16, as: UInt64.self)
        let used = Self.size + Int(payloadCount)
        for index in used..<recordSize {
            record.storeBytes(of: 0, toByteOffset: index, as: UInt8.self)
        }
        let checksum = Checksum.crc32c(
            UnsafeRawBufferPointer(start: record + 4, count: used - 4),
            continuing: Checksum.seed(fileID: fileID, offset: offset))
        record.storeBytes(of: checksum.littleEndian, toByteOffset: 0, as: UInt32.self)
    }

    /// Whether `record`, header and payload without padding, is intact at `offset` of the file.
    package static func verify(
        _ record: UnsafeRawBufferPointer, fileID: UInt64, offset: UInt64
    ) -> Bool {
        let checksum = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: record[4...]),
            continuing: Checksum.seed(fileID: fileID, offset: offset))
        return checksum == record.number(at: 0, UInt32.self)
    }
}

/// What the log has to know of a batch's payload.
package enum LogBatch {
    /// How many mutations, so how many sequences, the payload has; `nil` if it is malformed.
    package static func mutationCount(_ payload: UnsafeRawBufferPointer) -> UInt64? {
        guard payload.count >= 12 else { return nil }
        let count = payload.number(at: 8, UInt32.self)
        return count == 0 ? nil : UInt64(count)
    }
}
