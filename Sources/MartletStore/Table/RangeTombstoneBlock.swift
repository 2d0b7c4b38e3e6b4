/// The range tombstones of a table: a count, then start, end and sequence of each, by start
/// (ascending) and sequence (newest first).
enum RangeTombstoneBlock {
    static func encode(_ tombstones: [RangeTombstone]) -> [UInt8] {
        let sorted = tombstones.sorted { a, b in
            if a.start != b.start { return a.start.lexicographicallyPrecedes(b.start) }
            return a.sequence > b.sequence
        }
        var writer = ByteWriter()
        writer.put(varint: UInt64(sorted.count))
        for tombstone in sorted {
            writer.put(string: tombstone.start)
            writer.put(string: tombstone.end)
            writer.put(varint: tombstone.sequence)
        }
        return writer.bytes
    }

    /// Nil where the bytes make no sense.
    static func decode(_ block: CachedBlock) -> [RangeTombstone]? {
        var reader = ByteReader(block)
        guard let count = reader.varint() else { return nil }
        var tombstones: [RangeTombstone] = []
        while tombstones.count < count {
            guard let start = reader.string(), let end = reader.string(),
                let sequence = reader.varint(), sequence >> 56 == 0,
                start.count <= TableFormat.nameMax, end.count <= TableFormat.nameMax
            else { return nil }
            tombstones.append(RangeTombstone(start: start, end: end, sequence: sequence))
        }
        return reader.isAtEnd ? tombstones : nil
    }
}
