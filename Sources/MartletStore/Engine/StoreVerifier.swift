/// Reads everything that a store consists of and says what is wrong with it: every manifest edit,
/// every block of every table, every record of the log, and that each refers to what is there.
///
/// Writes nothing and takes no lock, so it also runs beside a process that has the store open: what
/// moves meanwhile is looked at again before it is called an error. Memory does not grow with the
/// data, only with the number of files.
package struct StoreVerifier {
    /// One thing that is wrong, or at least strange.
    package struct Finding: Sendable, Equatable, CustomStringConvertible {
        /// The file concerned.
        package var path: String
        /// The byte offset in it, where one is known.
        package var offset: UInt64?
        /// What is wrong, in words.
        package var message: String

        /// `path at offset: message`.
        package var description: String {
            "\(path)\(offset.map { " at \($0)" } ?? ""): \(message)"
        }
    }

    /// What was read and what was found.
    package struct Report: Sendable, Equatable {
        package var tables: UInt64 = 0
        package var families: UInt64 = 0
        /// Manifest edits.
        package var edits: UInt64 = 0
        /// Table files that could be opened.
        package var files: UInt64 = 0
        /// Intact data blocks of them.
        package var blocks: UInt64 = 0
        /// Cells in them, tombstones included.
        package var cells: UInt64 = 0
        /// Cells that delete, and range tombstones.
        package var tombstones: UInt64 = 0
        /// Log segments that are needed.
        package var logSegments: UInt64 = 0
        /// Batches in them.
        package var records: UInt64 = 0
        /// Mutations in the batches.
        package var mutations: UInt64 = 0
        /// Bytes of the files read.
        package var bytes: UInt64 = 0
        /// Bytes at the log's end that were never wholly written, and are cut when it is opened.
        package var tornBytes: UInt64 = 0

        /// How many errors there are; `errors` keeps the first ones.
        package var errorCount = 0
        package var errors: [Finding] = []
        /// Strange but harmless: files that nothing names, a torn tail.
        package var warnings: [Finding] = []

        /// Whether no error was found.
        package var isSound: Bool { errorCount == 0 }
    }

    let directory: String
    let environment: Environment
    let errorsKept: Int
    var report = Report()

    var fileSystem: any FileSystem { environment.fileSystem }
    var tableDirectory: String { "\(directory)/\(FileName.tableDirectory)" }
    var logDirectory: String { "\(directory)/\(FileName.logDirectory)" }

    /// Verifies the store in `directory`.
    ///
    /// - Parameter errorsKept: how many errors, and how many warnings, are kept in words.
    /// - Throws: `.notFound` where there is no store. All else is in the report.
    package static func run(
        directory: String, environment: Environment, errorsKept: Int = 100
    ) throws(StoreError) -> Report {
        let verifier = StoreVerifier(
            directory: directory, environment: environment, errorsKept: errorsKept)
        guard environment.fileSystem.exists("\(directory)/\(FileName.current)") else {
            throw StoreError(.notFound, "there is no store", path: directory)
        }
        return verifier.verified()
    }

    private init(directory: String, environment: Environment, errorsKept: Int) {
        self.directory = directory
        self.environment = environment
        self.errorsKept = errorsKept
    }

    private func verified() -> Report {
        var verifier = self
        let state = verifier.verifyManifest()
        if let state {
            verifier.report.tables = UInt64(state.tables.count)
            verifier.report.families = UInt64(state.families.count)
            verifier.verifyTables(of: state)
            let last = verifier.verifyLog(of: state)
            verifier.verifySequences(of: state, last: max(last, state.lastSequence))
        } else {
            // Without a manifest nobody knows what belongs together; each file can still be read.
            verifier.verifyAllTables()
            verifier.inspectLog(minimum: 0, families: nil)
        }
        return verifier.report
    }

    /// What the manifest says; `nil` if it is damaged.
    private mutating func verifyManifest() -> ManifestState? {
        var found: [StoreError] = []
        // Beside a writer an edit may be read half; then the next look shows it whole.
        for attempt in 0..<3 {
            var errors: [StoreError] = []
            do throws(StoreError) {
                let result = try ManifestInspection.run(fileSystem, directory: directory) { event in
                    if case .damage(let error) = event { errors.append(error) }
                }
                if errors.isEmpty {
                    report.edits = UInt64(result.edits)
                    report.bytes += size(of: result.path)
                    if case .torn(let cut) = result.end {
                        warn(cut.path, cut.offset, "the last edit was not wholly written")
                    }
                    return result.state
                }
            } catch {
                errors = [error]
            }
            if attempt > 0, errors == found { break }
            found = errors
        }
        for error in found { add(error, in: directory) }
        return nil
    }

    /// What the manifest says now, which may be more than when the walk began; `nil` if it cannot
    /// be read.
    func currentState() -> ManifestState? {
        try? ManifestReader.read(fileSystem, directory: directory).state
    }

    func size(of path: String) -> UInt64 {
        (try? fileSystem.open(path, .read).size()) ?? 0
    }

    mutating func add(_ error: StoreError, in path: String) {
        add(error.path ?? path, error.offset, error.message)
    }

    mutating func add(_ path: String, _ offset: UInt64? = nil, _ message: String) {
        report.errorCount += 1
        if report.errors.count < errorsKept {
            report.errors.append(Finding(path: path, offset: offset, message: message))
        }
    }

    mutating func warn(_ path: String, _ offset: UInt64? = nil, _ message: String) {
        if report.warnings.count < errorsKept {
            report.warnings.append(Finding(path: path, offset: offset, message: message))
        }
    }
}
