/// What a table says about itself: what the pickers of compactions and the dump tool need.
package struct TableProperties: Sendable, Equatable {
    /// Random; binds the table's checksums to this file.
    package var tableID: UInt64 = 0
    package var fileNumber: UInt64 = 0
    /// The tree (table and family) that it belongs to.
    package var tree: UInt32 = 0
    /// Microseconds since 1970.
    package var createdAt: UInt64 = 0
    package var compression = Compression.none
    /// Bytes of the row prefix in the prefix filter; 0 without one.
    package var prefixLength: UInt64 = 0

    package var puts: UInt64 = 0
    package var deleteVersions: UInt64 = 0
    package var deleteColumns: UInt64 = 0
    package var deleteFamilies: UInt64 = 0
    package var rangeTombstones: UInt64 = 0
    /// Data blocks in which at least half of the cells are tombstones.
    package var tombstoneDenseBlocks: UInt64 = 0
    package var dataBlocks: UInt64 = 0
    /// Distinct rows.
    package var rows: UInt64 = 0

    /// Of the cells; both 0 where there is none.
    package var minTimestamp: UInt64 = 0
    package var maxTimestamp: UInt64 = 0
    /// Of cells and range tombstones; both 0 where there is none.
    package var minSequence: UInt64 = 0
    package var maxSequence: UInt64 = 0
    /// Bytes of row, qualifier and value of the largest cell.
    package var largestCell: UInt64 = 0
    /// Bytes of all rows, qualifiers, timestamps and trailers before encoding.
    package var rawKeyBytes: UInt64 = 0
    package var rawValueBytes: UInt64 = 0
    /// Bytes in the file, trailers included.
    package var dataBytes: UInt64 = 0
    package var indexBytes: UInt64 = 0
    package var filterBytes: UInt64 = 0

    /// First and last row of the cells; empty where there is none.
    package var smallestRow: [UInt8] = []
    package var largestRow: [UInt8] = []
    /// The first row that a range tombstone deletes (if there are any).
    package var rangeTombstoneStart: [UInt8] = []
    /// The first row behind all range tombstones; empty (if there are any): the end of the table.
    package var rangeTombstoneEnd: [UInt8] = []
    /// Bytes of the whole file. Not stored among the properties but in the footer.
    package var fileSize: UInt64 = 0

    package init() {}

    package var tombstones: UInt64 { deleteVersions + deleteColumns + deleteFamilies }
    package var cells: UInt64 { puts + tombstones }
}

extension TableProperties {
    /// Tag and place of the numbers, in the order in which they are written.
    private static var numbers: [(tag: UInt64, WritableKeyPath<TableProperties, UInt64>)] {
        [
            (1, \.tableID), (2, \.fileNumber), (4, \.createdAt), (6, \.prefixLength),
            (10, \.puts), (11, \.deleteVersions), (12, \.deleteColumns), (13, \.deleteFamilies),
            (14, \.rangeTombstones), (15, \.tombstoneDenseBlocks), (16, \.dataBlocks), (17, \.rows),
            (20, \.minTimestamp), (21, \.maxTimestamp), (22, \.minSequence), (23, \.maxSequence),
            (24, \.largestCell), (25, \.rawKeyBytes), (26, \.rawValueBytes), (27, \.dataBytes),
            (28, \.indexBytes), (29, \.filterBytes),
        ]
    }
    private static var strings: [(tag: UInt64, WritableKeyPath<TableProperties, [UInt8]>)] {
        [
            (40, \.smallestRow), (41, \.largestRow), (42, \.rangeTombstoneStart),
            (43, \.rangeTombstoneEnd),
        ]
    }

    /// Fields of tag, length and bytes; numbers are varints in their bytes.
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        func put(_ tag: UInt64, number: UInt64) {
            var inner = ByteWriter()
            inner.put(varint: number)
            writer.put(varint: tag)
            writer.put(string: inner.bytes)
        }
        put(3, number: UInt64(tree))
        put(5, number: UInt64(compression.rawValue))
        for (tag, path) in TableProperties.numbers { put(tag, number: self[keyPath: path]) }
        for (tag, path) in TableProperties.strings {
            writer.put(varint: tag)
            writer.put(string: self[keyPath: path])
        }
        return writer.bytes
    }

    /// Fields with unknown tags are passed over: later versions may add some. Nil where the bytes
    /// make no sense.
    static func decode(_ block: CachedBlock) -> TableProperties? {
        var properties = TableProperties()
        var reader = ByteReader(block)
        while !reader.isAtEnd {
            guard let tag = reader.varint(), let bytes = reader.string() else { return nil }
            if let (_, path) = strings.first(where: { $0.tag == tag }) {
                properties[keyPath: path] = bytes
                continue
            }
            let path = numbers.first { $0.tag == tag }?.1
            guard path != nil || tag == 3 || tag == 5 else { continue }
            guard let number = number(bytes) else { return nil }
            if let path {
                properties[keyPath: path] = number
            } else if tag == 3 {
                guard let tree = UInt32(exactly: number) else { return nil }
                properties.tree = tree
            } else {
                guard let raw = UInt8(exactly: number), let codec = Compression(rawValue: raw)
                else { return nil }
                properties.compression = codec
            }
        }
        return properties
    }

    private static func number(_ bytes: [UInt8]) -> UInt64? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var at = 0
            let value = TableCoding.varint(base, &at, buffer.count)
            return at == buffer.count ? value : nil
        }
    }
}
