/// The store's manifest: what it consists of, and the writer that makes changes of that durable.
///
/// `@unchecked Sendable`: used under `Store.manifestMonitor`, or by the one thread that opens.
final class Manifest: @unchecked Sendable {
    private(set) var state: ManifestState
    /// What reading it found; `nil` for a store that is new.
    let found: ManifestReader.Result?
    private let writer: ManifestWriter?
    private var nextNumber: UInt64

    private init(
        _ state: ManifestState, found: ManifestReader.Result?, writer: ManifestWriter?
    ) {
        self.state = state
        self.found = found
        self.writer = writer
        nextNumber = state.nextFileNumber
    }

    /// Reads the current manifest, or begins one for a new store.
    ///
    /// Every opening for writing begins a new manifest file: a tail that a crash has torn is never
    /// written behind.
    static func open(
        _ directory: String, environment: Environment, readOnly: Bool
    ) throws(StoreError) -> Manifest {
        let fileSystem = environment.fileSystem
        guard fileSystem.exists("\(directory)/\(FileName.current)") else {
            var state = ManifestState(storeID: StoreID(random: environment.random))
            // Epoch 0 is nobody's: a client's cursor without a past has it.
            let incarnation = max(environment.random.next(), 1)
            let term = Term(
                epoch: 1, incarnation: incarnation, firstSequence: 1, keepsCursors: false)
            try state.apply(ManifestEdit([.epoch(1), .term(term)]))
            let writer = try ManifestWriter(
                fileSystem, directory: directory, number: 1, state: state)
            return Manifest(state, found: nil, writer: writer)
        }
        let found = try ManifestReader.read(fileSystem, directory: directory)
        if readOnly { return Manifest(found.state, found: found, writer: nil) }
        var state = found.state
        if state.isCheckpoint {
            // What comes now is another future than the one that the checkpoint was taken from:
            // cursors of that one must not be taken for this one's.
            try state.apply(.newLife(of: state, now: environment.clock.now()))
        }
        let writer = try ManifestWriter(
            fileSystem, directory: directory, number: found.number + 1, state: state)
        return Manifest(state, found: found, writer: writer)
    }

    /// Makes `edit` durable. Throws `.noSpace` (nothing has happened) or what poisons the store.
    func append(_ edit: ManifestEdit) throws(StoreError) {
        guard let writer else { throw StoreError(.unsupported, "opened for reading only") }
        try writer.append(edit, to: &state)
    }

    /// Whether it is unknown what the last edit has become.
    var hasFailed: Bool { writer?.hasFailed ?? false }

    /// A number for a new table file, never given out before in the life of the store: a number
    /// that no edit has made durable belongs to a file that is removed at the next open.
    func takeFileNumber() -> UInt64 {
        nextNumber = max(nextNumber, state.nextFileNumber)
        defer { nextNumber += 1 }
        return nextNumber
    }
}

extension ManifestEdit {
    /// Makes a copy of a store a store of its own: the epoch is above `other` and the state's own,
    /// and no other copy of the same store has it.
    ///
    /// Two stores made of one checkpoint at different times must differ, and the second can be all
    /// that is left: so the epoch is also at least the time in seconds.
    ///
    /// Its first opening for writing begins a term in that epoch, which does not keep cursors.
    ///
    /// - Parameter now: microseconds since 1970.
    static func newLife(of state: ManifestState, above other: UInt32 = 0, now: UInt64)
        throws(StoreError) -> ManifestEdit
    {
        let past = max(state.epoch, state.promise.epoch, other)
        let (next, overflow) = past.addingReportingOverflow(1)
        guard !overflow else {
            throw StoreError(.unsupported, "the store has had every epoch that there is")
        }
        let seconds = UInt32(clamping: now / 1_000_000)
        // Before there were terms all of the log was one; the new one begins where the log ends,
        // which the first opening finds out.
        let terms = state.history.terms.map { ManifestEdit.Field.term($0) }
        return ManifestEdit(
            (state.terms.current == nil ? terms : [])
                + [.epoch(max(next, seconds)), .checkpoint(false), .role(.primary)])
    }
}
