/// Tags of fields. Part of the format: a reader skips unknown tags below 128, and refuses the
/// manifest at unknown ones from 128 on.
private enum Tag {
    static let firstRequired: UInt8 = 128
    static let storeID: UInt8 = 128
    static let epoch: UInt8 = 129
    static let formatVersion: UInt8 = 130
    static let nextFileNumber: UInt8 = 131
    static let nextTree: UInt8 = 132
    static let lastSequence: UInt8 = 133
    static let lastTimestamp: UInt8 = 134
    static let createTable: UInt8 = 135
    static let createFamily: UInt8 = 136
    static let dropFamily: UInt8 = 137
    static let addFile: UInt8 = 138
    static let removeFile: UInt8 = 139
    static let flushedSequence: UInt8 = 140
    static let minLogSegment: UInt8 = 141
    static let checkpoint: UInt8 = 142
    static let term: UInt8 = 143
    static let role: UInt8 = 144
    static let promise: UInt8 = 145
    static let cut: UInt8 = 146
    static let cutDone: UInt8 = 147
    static let readersWaitFor: UInt8 = 148
}

extension ManifestEdit {
    /// The edit's bytes, as docs/formats/manifest.md describes them.
    package func encoded() -> [UInt8] {
        var encoder = FieldEncoder()
        for field in fields { Self.encode(field, into: &encoder) }
        return encoder.bytes
    }

    private static func encode(_ field: Field, into encoder: inout FieldEncoder) {
        switch field {
        case .storeID(let id):
            encoder.field(Tag.storeID) {
                $0.put(id.low)
                $0.put(id.high)
            }
        case .epoch(let epoch): encoder.field(Tag.epoch) { $0.put(epoch) }
        case .formatVersion(let version): encoder.field(Tag.formatVersion) { $0.put(version) }
        case .nextFileNumber(let next): encoder.field(Tag.nextFileNumber) { $0.put(next) }
        case .nextTree(let next): encoder.field(Tag.nextTree) { $0.put(next) }
        case .lastSequence(let last): encoder.field(Tag.lastSequence) { $0.put(last) }
        case .lastTimestamp(let last): encoder.field(Tag.lastTimestamp) { $0.put(last) }
        case .createTable(let name): encoder.field(Tag.createTable) { $0.put(name) }
        case .createFamily(let tree, let table, let schema):
            encoder.field(Tag.createFamily) {
                $0.put(tree)
                $0.put(table)
                $0.put(schema)
            }
        case .dropFamily(let tree): encoder.field(Tag.dropFamily) { $0.put(tree) }
        case .addFile(let table): encoder.field(Tag.addFile) { $0.put(table) }
        case .removeFile(let tree, let level, let number):
            encoder.field(Tag.removeFile) {
                $0.put(tree)
                $0.put(level)
                $0.put(number)
            }
        case .flushedSequence(let tree, let sequence):
            encoder.field(Tag.flushedSequence) {
                $0.put(tree)
                $0.put(sequence)
            }
        case .minLogSegment(let id): encoder.field(Tag.minLogSegment) { $0.put(id) }
        case .checkpoint(let isOne):
            encoder.field(Tag.checkpoint) { $0.put(UInt8(isOne ? 1 : 0)) }
        case .term(let term): encoder.field(Tag.term) { $0.put(term) }
        case .role(let role): encoder.field(Tag.role) { $0.put(role.rawValue) }
        case .promise(let id):
            encoder.field(Tag.promise) {
                $0.put(id.epoch)
                $0.put(id.incarnation)
            }
        case .cut(let sequence): encoder.field(Tag.cut) { $0.put(sequence) }
        case .cutDone: encoder.field(Tag.cutDone) { _ in }
        case .readersWaitFor(let count): encoder.field(Tag.readersWaitFor) { $0.put(count) }
        }
    }

    /// - Throws: `.corruption` for bytes that are no edit; `.unsupported` for a field that this
    ///   version would have to understand and does not.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(StoreError) {
        self.init()
        var decoder = FieldDecoder(bytes)
        while !decoder.isAtEnd {
            let tag = try decoder.number(UInt8.self)
            var body = FieldDecoder(try decoder.string())
            guard let field = try Self.field(tag, &body) else {
                if tag < Tag.firstRequired { continue }
                let message = "the manifest has field \(tag), which this version does not know"
                throw StoreError(.unsupported, message)
            }
            try body.end()
            fields.append(field)
        }
    }

    /// `nil` for an unknown tag.
    private static func field(
        _ tag: UInt8, _ body: inout FieldDecoder
    ) throws(StoreError) -> Field? {
        switch tag {
        case Tag.storeID:
            .storeID(StoreID(low: try body.number(UInt64.self), high: try body.number(UInt64.self)))
        case Tag.epoch: .epoch(try body.number(UInt32.self))
        case Tag.formatVersion: .formatVersion(try body.number(UInt32.self))
        case Tag.nextFileNumber: .nextFileNumber(try body.number(UInt64.self))
        case Tag.nextTree: .nextTree(try body.number(UInt32.self))
        case Tag.lastSequence: .lastSequence(try body.number(UInt64.self))
        case Tag.lastTimestamp: .lastTimestamp(try body.number(UInt64.self))
        case Tag.createTable: .createTable(try body.text())
        case Tag.createFamily:
            .createFamily(
                tree: try body.number(UInt32.self), table: try body.text(),
                schema: try body.schema())
        case Tag.dropFamily: .dropFamily(tree: try body.number(UInt32.self))
        case Tag.addFile: .addFile(try body.table())
        case Tag.removeFile:
            .removeFile(
                tree: try body.number(UInt32.self), level: try body.number(UInt8.self),
                number: try body.number(UInt64.self))
        case Tag.flushedSequence:
            .flushedSequence(
                tree: try body.number(UInt32.self), sequence: try body.number(UInt64.self))
        case Tag.minLogSegment: .minLogSegment(try body.number(UInt64.self))
        case Tag.checkpoint: .checkpoint(try body.number(UInt8.self) != 0)
        case Tag.term: .term(try body.term())
        case Tag.role: .role(try body.role())
        case Tag.promise:
            .promise(
                TermID(
                    epoch: try body.number(UInt32.self),
                    incarnation: try body.number(UInt64.self)))
        case Tag.cut: .cut(after: try body.number(UInt64.self))
        case Tag.cutDone: .cutDone
        case Tag.readersWaitFor: .readersWaitFor(try body.number(UInt8.self))
        default: nil
        }
    }
}

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

    fileprivate mutating func put(_ term: Term) {
        put(term.epoch)
        put(term.incarnation)
        put(term.firstSequence)
        put(UInt8(term.keepsCursors ? 1 : 0))
    }

    mutating func put(_ table: TableMetadata) {
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

extension FieldDecoder {
    mutating func schema() throws(StoreError) -> FamilySchema {
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
        default: throw StoreError(.unsupported, "filter kind \(kind) is not known")
        }
        return schema
    }

    private mutating func compression() throws(StoreError) -> Compression {
        let raw = try number(UInt8.self)
        guard let compression = Compression(rawValue: raw) else {
            throw StoreError(.unsupported, "compression \(raw) is not known")
        }
        return compression
    }

    fileprivate mutating func term() throws(StoreError) -> Term {
        Term(
            epoch: try number(UInt32.self), incarnation: try number(UInt64.self),
            firstSequence: try number(UInt64.self), keepsCursors: try number(UInt8.self) != 0)
    }

    fileprivate mutating func role() throws(StoreError) -> StoreRole {
        let raw = try number(UInt8.self)
        guard let role = StoreRole(rawValue: raw) else {
            throw StoreError(.unsupported, "the store's role \(raw) is not known")
        }
        return role
    }

    mutating func table() throws(StoreError) -> TableMetadata {
        TableMetadata(
            tree: try number(UInt32.self), level: try number(UInt8.self),
            number: try number(UInt64.self), tableID: try number(UInt64.self),
            size: try number(UInt64.self), smallestRow: Array(try string()),
            largestRow: Array(try string()), minSequence: try number(UInt64.self),
            maxSequence: try number(UInt64.self), cellCount: try number(UInt64.self),
            tombstoneCount: try number(UInt64.self), rangeTombstoneCount: try number(UInt64.self),
            minTimestamp: try number(UInt64.self), maxTimestamp: try number(UInt64.self),
            createdAt: try number(UInt64.self))
    }
}
