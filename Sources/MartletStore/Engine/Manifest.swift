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
            try state.apply(ManifestEdit([.epoch(1)]))
            let writer = try ManifestWriter(
                fileSystem, directory: directory, number: 1, state: state)
            return Manifest(state, found: nil, writer: writer)
        }
        let found = try ManifestReader.read(fileSystem, directory: directory)
        if readOnly { return Manifest(found.state, found: found, writer: nil) }
        let writer = try ManifestWriter(
            fileSystem, directory: directory, number: found.number + 1, state: found.state)
        return Manifest(found.state, found: found, writer: writer)
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
