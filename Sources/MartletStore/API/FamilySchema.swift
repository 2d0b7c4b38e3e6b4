/// How a block is compressed. Raw values are part of the table format.
public enum Compression: UInt8, Sendable, CaseIterable {
    /// Stored as it is.
    case none = 0
    /// LZ4 block format: fast both ways.
    case lz4 = 1
    /// Zstandard level 1: smaller, slower to write.
    case zstd = 2
}

/// Which filter a family's tables carry.
public enum FilterKind: Sendable, Hashable {
    /// No filter.
    case none
    /// On the whole row.
    case row
    /// On the whole row and on its first `length` bytes, so that scans of one prefix skip tables.
    case rowAndPrefix(length: Int)
}

/// The settings of one column family. Each family is a tree of its own.
public struct FamilySchema: Sendable, Hashable {
    /// The family's name, 1 to 64 bytes of UTF-8.
    public var name: String
    /// How many versions (distinct timestamps) of a column are kept; `nil` for all.
    public var maxVersions: Int?
    /// Microseconds after its timestamp at which a cell expires; `nil` for never.
    public var timeToLive: UInt64?
    /// Compression of all levels but the last.
    public var compression: Compression
    /// Compression of the last level.
    public var bottomCompression: Compression
    /// Bytes of a data block before compression, 1 KiB to 1 MiB.
    public var blockSize: Int
    /// The filter of the family's tables.
    public var filter: FilterKind

    /// A family with HBase's defaults: one version, no expiry.
    public init(
        _ name: String, maxVersions: Int? = 1, timeToLive: UInt64? = nil,
        compression: Compression = .lz4, bottomCompression: Compression = .zstd,
        blockSize: Int = 16 << 10, filter: FilterKind = .row
    ) {
        self.name = name
        self.maxVersions = maxVersions
        self.timeToLive = timeToLive
        self.compression = compression
        self.bottomCompression = bottomCompression
        self.blockSize = blockSize
        self.filter = filter
    }
}
