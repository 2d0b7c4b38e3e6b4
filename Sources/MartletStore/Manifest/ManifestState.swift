/// What the store consists of: all edits of a manifest, one after the other.
package struct ManifestState: Sendable, Equatable {
    /// The newest format that this version reads.
    package static let newestFormat: UInt32 = 1

    /// A family, as the manifest knows it.
    package struct FamilyEntry: Sendable, Equatable {
        package var tree: UInt32
        package var table: String
        package var schema: FamilySchema
    }

    /// The files of one tree, by level and number.
    package typealias Levels = [UInt8: [UInt64: TableMetadata]]

    package private(set) var storeID: StoreID
    package private(set) var epoch: UInt32 = 0
    package private(set) var formatVersion: UInt32 = Self.newestFormat
    /// No file has this number or a greater one.
    package private(set) var nextFileNumber: UInt64 = 1
    /// No tree has had this id or a greater one.
    package private(set) var nextTree: UInt32 = 1
    package private(set) var lastSequence: UInt64 = 0
    /// Microseconds since 1970.
    package private(set) var lastTimestamp: UInt64 = 0
    package private(set) var minLogSegment: UInt64 = 1
    /// Whether this is a checkpoint that was not opened for writing yet.
    package private(set) var isCheckpoint = false
    /// The terms that were recorded: none in stores from before there were terms.
    package private(set) var terms = TermHistory()
    package private(set) var role = StoreRole.primary
    private var recordedPromise: TermID?
    /// The sequence behind which the log has ended, while its files may say otherwise.
    package private(set) var unfinishedCut: UInt64?
    /// How many followers have what readers were shown, at the least; 0 where nobody counts on it.
    package private(set) var readersWaitFor: UInt8 = 0
    package private(set) var tables: Set<String> = []
    /// By tree.
    package private(set) var families: [UInt32: FamilyEntry] = [:]
    /// By tree; trees without files have no entry.
    package private(set) var files: [UInt32: Levels] = [:]
    /// By tree: all cells up to this sequence are in table files.
    package private(set) var flushedSequences: [UInt32: UInt64] = [:]

    /// A store with nothing in it.
    package init(storeID: StoreID) { self.storeID = storeID }

    /// Every table file's number.
    package var fileNumbers: Set<UInt64> {
        Set(files.values.lazy.flatMap(\.values).flatMap(\.keys))
    }

    /// Who wrote which stretch of the log. A store from before there were terms has one.
    package var history: TermHistory {
        if terms.current != nil { return terms }
        return (try? TermHistory([firstTerm])) ?? TermHistory()
    }

    private var firstTerm: Term {
        Term(epoch: epoch, incarnation: 0, firstSequence: 1, keepsCursors: false)
    }

    /// The term that the store has promised to follow or to be above: at least its own last one.
    package var promise: TermID {
        let own = history.current?.id ?? TermID(epoch: epoch, incarnation: 0)
        guard let recordedPromise, recordedPromise.epoch >= own.epoch else { return own }
        return recordedPromise
    }

    /// The fields that begin `term`.
    package func beginning(_ term: Term) -> [ManifestEdit.Field] {
        let first: [ManifestEdit.Field] = terms.current == nil ? [.term(firstTerm)] : []
        return first + (term.epoch > epoch ? [.epoch(term.epoch)] : []) + [.term(term)]
    }

    /// Makes all of the edit's changes or, where it throws, none.
    ///
    /// - Throws: `.corruption` for what cannot be: a file added twice or removed without being
    ///   there, an unknown tree, a name or id taken, an epoch that goes back. `.unsupported` for a
    ///   format newer than this version.
    package mutating func apply(_ edit: ManifestEdit) throws(StoreError) {
        var next = self
        for field in edit.fields { try next.apply(field) }
        self = next
    }

    private mutating func apply(_ field: ManifestEdit.Field) throws(StoreError) {
        switch field {
        case .storeID(let id):
            guard id == storeID else { throw Self.invalid("store id \(id), not \(storeID)") }
        case .epoch(let epoch):
            guard epoch >= self.epoch else {
                throw Self.invalid("epoch \(epoch) after \(self.epoch)")
            }
            self.epoch = epoch
        case .formatVersion(let version):
            guard version <= Self.newestFormat else {
                let message = "store format \(version) is newer than \(Self.newestFormat)"
                throw StoreError(.unsupported, message)
            }
            formatVersion = max(formatVersion, version)
        // These only ever grow, and edits made side by side may come in either order.
        case .nextFileNumber(let next): nextFileNumber = max(nextFileNumber, next)
        case .nextTree(let next): nextTree = max(nextTree, next)
        case .lastSequence(let last): lastSequence = max(lastSequence, last)
        case .lastTimestamp(let last): lastTimestamp = max(lastTimestamp, last)
        case .minLogSegment(let id): minLogSegment = max(minLogSegment, id)
        case .checkpoint(let isOne): isCheckpoint = isOne
        case .term(let term): try begin(term)
        case .role(let role): self.role = role
        case .promise(let id): try promise(id)
        case .cut(let sequence):
            // The last term may go; what was promised by writing in it stays.
            recordedPromise = promise
            terms.cut(after: sequence)
            lastSequence = min(lastSequence, sequence)
            unfinishedCut = sequence
        case .cutDone: unfinishedCut = nil
        case .readersWaitFor(let count): readersWaitFor = count
        case .flushedSequence(let tree, let sequence):
            try requireFamily(tree)
            flushedSequences[tree] = max(flushedSequences[tree] ?? 0, sequence)
        case .createTable(let name):
            guard tables.insert(name).inserted else { throw Self.invalid("table \(name) twice") }
        case .createFamily(let tree, let table, let schema):
            try createFamily(FamilyEntry(tree: tree, table: table, schema: schema))
        case .dropFamily(let tree):
            try requireFamily(tree)
            families[tree] = nil
            files[tree] = nil
            flushedSequences[tree] = nil
        case .addFile(let file): try add(file)
        case .removeFile(let tree, let level, let number):
            guard files[tree]?[level]?.removeValue(forKey: number) != nil else {
                throw Self.invalid("file \(number) is not in tree \(tree), level \(level)")
            }
            if files[tree]?[level]?.isEmpty == true { files[tree]?[level] = nil }
            if files[tree]?.isEmpty == true { files[tree] = nil }
        }
    }

    private mutating func begin(_ term: Term) throws(StoreError) {
        guard term.epoch <= epoch else {
            throw Self.invalid("term \(term.epoch) in epoch \(epoch)")
        }
        // Nobody counts on what its writer does with readers yet.
        if term.epoch > terms.current?.epoch ?? 0 { readersWaitFor = 0 }
        do throws(StoreError) {
            try terms.begin(term)
        } catch {
            throw Self.invalid(error.message)
        }
    }

    /// Holds N1.
    private mutating func promise(_ id: TermID) throws(StoreError) {
        guard id.epoch >= recordedPromise?.epoch ?? 0 else {
            throw Self.invalid("a promise of epoch \(id.epoch) after \(promise.epoch)")
        }
        recordedPromise = id
    }

    private mutating func createFamily(_ family: FamilyEntry) throws(StoreError) {
        guard tables.contains(family.table) else {
            throw Self.invalid("family of the unknown table \(family.table)")
        }
        let isTaken = families.values.contains {
            $0.tree == family.tree
                || $0.table == family.table && $0.schema.name == family.schema.name
        }
        guard !isTaken, family.tree < UInt32.max else {
            throw Self.invalid("family \(family.schema.name), tree \(family.tree) twice")
        }
        families[family.tree] = family
        nextTree = max(nextTree, family.tree + 1)
    }

    private mutating func add(_ file: TableMetadata) throws(StoreError) {
        try requireFamily(file.tree)
        let isTaken =
            file.number < nextFileNumber
            && files.values.contains { levels in
                levels.values.contains { $0[file.number] != nil }
            }
        guard !isTaken, file.number < UInt64.max else {
            throw Self.invalid("file \(file.number) twice")
        }
        files[file.tree, default: [:]][file.level, default: [:]][file.number] = file
        nextFileNumber = max(nextFileNumber, file.number + 1)
    }

    private func requireFamily(_ tree: UInt32) throws(StoreError) {
        guard families[tree] != nil else { throw Self.invalid("unknown tree \(tree)") }
    }

    private static func invalid(_ what: String) -> StoreError {
        StoreError(.corruption, "the manifest contradicts itself: \(what)")
    }

    /// One edit that makes this state out of an empty one.
    package var snapshot: ManifestEdit {
        var fields: [ManifestEdit.Field] = [
            .storeID(storeID), .epoch(epoch), .formatVersion(formatVersion),
            .nextFileNumber(nextFileNumber), .nextTree(nextTree), .lastSequence(lastSequence),
            .lastTimestamp(lastTimestamp), .minLogSegment(minLogSegment),
        ]
        if isCheckpoint { fields.append(.checkpoint(true)) }
        fields += terms.terms.map { .term($0) }
        if role != .primary { fields.append(.role(role)) }
        if let recordedPromise { fields.append(.promise(recordedPromise)) }
        if let unfinishedCut { fields.append(.cut(after: unfinishedCut)) }
        if readersWaitFor > 0 { fields.append(.readersWaitFor(readersWaitFor)) }
        fields += tables.sorted().map { .createTable($0) }
        for (tree, family) in families.sorted(by: { $0.key < $1.key }) {
            fields.append(
                .createFamily(tree: tree, table: family.table, schema: family.schema))
            if let sequence = flushedSequences[tree] {
                fields.append(.flushedSequence(tree: tree, sequence: sequence))
            }
            let levels = (files[tree] ?? [:]).sorted { $0.key < $1.key }
            for (_, level) in levels {
                fields += level.values.sorted { $0.number < $1.number }.map { .addFile($0) }
            }
        }
        return ManifestEdit(fields)
    }
}
