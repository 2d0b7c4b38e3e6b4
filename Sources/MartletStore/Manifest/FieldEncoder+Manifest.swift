/// What manifests, jobs and frames of protocols write alike.
extension FieldEncoder {
    mutating func put(_ schema: FamilySchema) {
        put(schema.name)
        put(UInt64(schema.maxVersions ?? 0))
        put(schema.timeToLive ?? 0)
        put(schema.compression.rawValue)
        put(schema.bottomCompression.rawValue)
        put(UInt32(truncatingIfNeeded: schema.blockSize))
        let (kind, length): (UInt8, Int) =
            switch schema.filter {
            case .none: (0, 0)
            case .row: (1, 0)
            case .rowAndPrefix(let length): (2, length)
            }
        put(kind)
        put(UInt16(truncatingIfNeeded: length))
    }

    package mutating func put(_ id: StoreID) {
        put(id.low)
        put(id.high)
    }

    package mutating func put(_ id: TermID) {
        put(id.epoch)
        put(id.incarnation)
    }

    package mutating func put(_ term: Term) {
        put(term.id)
        put(term.firstSequence)
        put(term.keepsCursors)
    }

    package mutating func put(_ table: TableMetadata) {
        put(table.tree)
        put(table.level)
        for number in [table.number, table.tableID, table.size] { put(number) }
        put(table.smallestRow)
        put(table.largestRow)
        let numbers = [
            table.minSequence, table.maxSequence, table.cellCount, table.tombstoneCount,
            table.rangeTombstoneCount, table.minTimestamp, table.maxTimestamp, table.createdAt,
        ]
        for number in numbers { put(number) }
    }
}

/// Takes what `FieldEncoder` puts.
extension FieldDecoder {
    mutating func schema() throws(FrameError) -> FamilySchema {
        var schema = FamilySchema(try text())
        let versions = try number(UInt64.self)
        schema.maxVersions = versions == 0 ? nil : Int(clamping: versions)
        let timeToLive = try number(UInt64.self)
        schema.timeToLive = timeToLive == 0 ? nil : timeToLive
        schema.compression = try compression()
        schema.bottomCompression = try compression()
        schema.blockSize = Int(try number(UInt32.self))
        let kind = try number(UInt8.self)
        let length = Int(try number(UInt16.self))
        switch kind {
        case 0: schema.filter = .none
        case 1: schema.filter = .row
        case 2: schema.filter = .rowAndPrefix(length: length)
        default: throw FrameError(.unsupported, "filter kind \(kind) is not known")
        }
        return schema
    }

    private mutating func compression() throws(FrameError) -> Compression {
        let raw = try number(UInt8.self)
        guard let compression = Compression(rawValue: raw) else {
            throw FrameError(.unsupported, "compression \(raw) is not known")
        }
        return compression
    }

    package mutating func storeID() throws(FrameError) -> StoreID {
        StoreID(low: try number(), high: try number())
    }

    package mutating func termID() throws(FrameError) -> TermID {
        TermID(epoch: try number(), incarnation: try number())
    }

    package mutating func term() throws(FrameError) -> Term {
        let id = try termID()
        return Term(
            epoch: id.epoch, incarnation: id.incarnation, firstSequence: try number(),
            keepsCursors: try flag())
    }

    mutating func role() throws(FrameError) -> StoreRole {
        let raw = try number(UInt8.self)
        guard let role = StoreRole(rawValue: raw) else {
            throw FrameError(.unsupported, "the store's role \(raw) is not known")
        }
        return role
    }

    package mutating func table() throws(FrameError) -> TableMetadata {
        TableMetadata(
            tree: try number(), level: try number(), number: try number(), tableID: try number(),
            size: try number(), smallestRow: Array(try string()), largestRow: Array(try string()),
            minSequence: try number(), maxSequence: try number(), cellCount: try number(),
            tombstoneCount: try number(), rangeTombstoneCount: try number(),
            minTimestamp: try number(), maxTimestamp: try number(), createdAt: try number())
    }
}
