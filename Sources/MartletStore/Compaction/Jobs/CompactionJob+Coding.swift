extension CompactionJob {
    /// The job's bytes, as docs/protocol/compaction.md describes them.
    package func encoded() -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.put(id)
        encoder.put(family.id)
        encoder.put(family.table)
        encoder.put(family.schema)
        encoder.put(reason)
        encoder.put(outputLevel)
        encoder.put(formatVersion)
        encoder.put(now)
        encoder.put(fileSize)
        encoder.put(rows.start)
        encoder.put(rows.end)
        encoder.put(UInt32(clamping: snapshots.count))
        for snapshot in snapshots { encoder.put(snapshot) }
        for levels in [inputs, below] {
            encoder.put(UInt32(clamping: levels.count))
            for level in levels {
                encoder.put(UInt32(clamping: level.count))
                for table in level { encoder.put(table) }
            }
        }
        encoder.put(UInt32(clamping: outputs.count))
        for output in outputs {
            encoder.put(output.number)
            encoder.put(output.id)
        }
        return encoder.bytes
    }

    /// - Throws: `.malformed` for bytes that are no job; `.unsupported` for what a newer version
    ///   may know.
    package init(decoding bytes: ArraySlice<UInt8>) throws(FrameError) {
        var decoder = FieldDecoder(bytes)
        let id = try decoder.number(UInt64.self)
        let family = Family(
            id: try decoder.number(), table: try decoder.text(), schema: try decoder.schema())
        self.init(
            id: id, family: family, reason: try decoder.text(), inputs: [], below: [],
            outputLevel: try decoder.number(), rows: .all, snapshots: [], now: 0,
            fileSize: 0, outputs: [], formatVersion: try decoder.number())
        now = try decoder.number()
        fileSize = try decoder.number()
        rows.start = Array(try decoder.string())
        rows.end = Array(try decoder.string())
        for _ in 0..<(try decoder.number(UInt32.self)) { snapshots.append(try decoder.number()) }
        inputs = try Self.levels(&decoder)
        below = try Self.levels(&decoder)
        for _ in 0..<(try decoder.number(UInt32.self)) {
            outputs.append(TableIdentity(number: try decoder.number(), id: try decoder.number()))
        }
        try decoder.end()
        guard Int(outputLevel) < TreeVersion.levelCount, !outputs.isEmpty else {
            throw FrameError(.malformed, "a job's level or outputs make no sense")
        }
    }

    private static func levels(
        _ decoder: inout FieldDecoder
    ) throws(FrameError) -> [[TableMetadata]] {
        var levels: [[TableMetadata]] = []
        for _ in 0..<(try decoder.number(UInt32.self)) {
            // An empty level takes four bytes, so the count is bounded by the bytes there are.
            var tables: [TableMetadata] = []
            for _ in 0..<(try decoder.number(UInt32.self)) {
                tables.append(try decoder.table())
            }
            levels.append(tables)
        }
        return levels
    }
}

extension TableMetadata {
    /// The bytes in which jobs and reports name a table: those of the manifest.
    package func encoded() -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.put(self)
        return encoder.bytes
    }

    /// - Throws: `.malformed` for bytes that are no table's.
    package init(decoding bytes: ArraySlice<UInt8>) throws(FrameError) {
        var decoder = FieldDecoder(bytes)
        self = try decoder.table()
        try decoder.end()
    }
}
