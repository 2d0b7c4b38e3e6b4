/// The numbers of the table format, version 1: docs/formats/table.md.
package enum TableFormat {
    package static let version: UInt32 = 1
    /// "MRTLSST1", the last eight bytes of a table.
    static let magic: UInt64 = 0x3154_5353_4C54_524D
    static let footerSize = 128
    /// Codec, uncompressed length, checksum: behind every block's payload.
    static let trailerSize = 9
    /// Cells from one restart point to the next.
    static let restartInterval = 16
    /// Base timestamp, base sequence, cell count, restart count: the end of a data block.
    static let dataTailSize = 24
    /// A partition of the index is closed when it has this many bytes.
    static let indexPartitionSize = 16 << 10
    /// A compressed block's content has at most this many bytes; larger content is stored raw.
    static let compressedContentMax = 64 << 20

    /// Longest row and longest qualifier, in bytes.
    static let nameMax = 65535
    /// Longest value, in bytes.
    static let valueMax = 16 << 20

    /// Flags of a cell in a data block; the lowest three bits are its kind.
    static let kindMask: UInt8 = 0x07
    static let sameRow: UInt8 = 0x08
    static let sameQualifier: UInt8 = 0x10
    static let sameTimestamp: UInt8 = 0x20
    static let sequenceIsZero: UInt8 = 0x40
    static let hasTimeToLive: UInt8 = 0x80
}

/// Where a block's payload lies in its file; the trailer follows it.
package struct BlockHandle: Sendable, Equatable {
    package var offset: UInt64
    /// Bytes of payload as stored, without the trailer; 0 where there is no such block.
    package var size: UInt32

    static let none = BlockHandle(offset: 0, size: 0)
    /// Bytes in the file.
    var storedSize: UInt64 { UInt64(size) + UInt64(TableFormat.trailerSize) }
}

/// What a block holds.
package enum BlockKind: String, Sendable {
    case data
    case indexPartition = "index partition"
    case topIndex = "top index"
    case rowFilter = "row filter"
    case prefixFilter = "prefix filter"
    case rangeTombstones = "range tombstones"
    case properties
    case footer
}
