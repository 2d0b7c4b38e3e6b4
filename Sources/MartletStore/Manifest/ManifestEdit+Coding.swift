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
        case .storeID(let id): encoder.field(Tag.storeID) { $0.put(id) }
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
        case .checkpoint(let isOne): encoder.field(Tag.checkpoint) { $0.put(isOne) }
        case .term(let term): encoder.field(Tag.term) { $0.put(term) }
        case .role(let role): encoder.field(Tag.role) { $0.put(role.rawValue) }
        case .promise(let id): encoder.field(Tag.promise) { $0.put(id) }
        case .cut(let sequence): encoder.field(Tag.cut) { $0.put(sequence) }
        case .cutDone: encoder.field(Tag.cutDone) { _ in }
        case .readersWaitFor(let count): encoder.field(Tag.readersWaitFor) { $0.put(count) }
        }
    }

    /// - Throws: `.corruption` for bytes that are no edit; `.unsupported` for a field that this
    ///   version would have to understand and does not.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(StoreError) {
        do throws(FrameError) {
            try self.init(decoding: Array(bytes)[...])
        } catch {
            throw StoreError(error)
        }
    }

    /// - Throws: `.malformed`; `.unsupported` for a field that this version would have to
    ///   understand and does not.
    package init(decoding bytes: ArraySlice<UInt8>) throws(FrameError) {
        self.init()
        var decoder = FieldDecoder(bytes)
        while !decoder.isAtEnd {
            let tag = try decoder.number(UInt8.self)
            var body = FieldDecoder(try decoder.string())
            guard let field = try Self.field(tag, &body) else {
                if tag < Tag.firstRequired { continue }
                let message = "the manifest has field \(tag), which this version does not know"
                throw FrameError(.unsupported, message)
            }
            try body.end()
            fields.append(field)
        }
    }

    /// `nil` for an unknown tag.
    private static func field(
        _ tag: UInt8, _ body: inout FieldDecoder
    ) throws(FrameError) -> Field? {
        switch tag {
        case Tag.storeID: .storeID(try body.storeID())
        case Tag.epoch: .epoch(try body.number())
        case Tag.formatVersion: .formatVersion(try body.number())
        case Tag.nextFileNumber: .nextFileNumber(try body.number())
        case Tag.nextTree: .nextTree(try body.number())
        case Tag.lastSequence: .lastSequence(try body.number())
        case Tag.lastTimestamp: .lastTimestamp(try body.number())
        case Tag.createTable: .createTable(try body.text())
        case Tag.createFamily:
            .createFamily(
                tree: try body.number(), table: try body.text(), schema: try body.schema())
        case Tag.dropFamily: .dropFamily(tree: try body.number())
        case Tag.addFile: .addFile(try body.table())
        case Tag.removeFile:
            .removeFile(
                tree: try body.number(), level: try body.number(), number: try body.number())
        case Tag.flushedSequence:
            .flushedSequence(tree: try body.number(), sequence: try body.number())
        case Tag.minLogSegment: .minLogSegment(try body.number())
        case Tag.checkpoint: .checkpoint(try body.flag())
        case Tag.term: .term(try body.term())
        case Tag.role: .role(try body.role())
        case Tag.promise: .promise(try body.termID())
        case Tag.cut: .cut(after: try body.number())
        case Tag.cutDone: .cutDone
        case Tag.readersWaitFor: .readersWaitFor(try body.number(UInt8.self))
        default: nil
        }
    }
}
