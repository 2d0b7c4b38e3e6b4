/// Walks over the current manifest edit by edit, whole or damaged.
package struct ManifestInspection {
    /// What the walk meets, in the order of the file.
    package enum Event {
        /// The file's intact header.
        case header(LogHeader)
        /// An intact edit: its number in the file, where it is, and the bytes it takes there.
        case edit(ManifestEdit, number: UInt64, offset: UInt64, size: Int)
        /// Something is wrong at the error's offset; edits behind it are shown but not applied.
        case damage(StoreError)
    }

    /// What is known at the end.
    package struct Result: Sendable {
        /// The manifest's file.
        package var path: String
        /// The manifest's number.
        package var number: UInt64
        /// All edits up to the first damage, applied; `nil` if not even the first was readable.
        package var state: ManifestState?
        /// Edits applied.
        package var edits = 0
        /// How the edits end; `nil` if the file could not be read at all.
        package var end: LogInspection.End?
        /// Whether nothing was damaged. A torn last edit is no damage.
        package var isSound = true
    }

    /// Walks over the manifest that CURRENT in `directory` names.
    ///
    /// - Throws: `.notFound` where there is no CURRENT, `.corruption` where it is damaged, `.io`.
    ///   Damage of the manifest itself is an event.
    package static func run(
        _ fileSystem: any FileSystem, directory: String, _ body: (Event) -> Void
    ) throws(StoreError) -> Result {
        let number = try ManifestName.readCurrent(fileSystem, directory)
        let path = "\(directory)/\(ManifestName.name(number))"
        var result = Result(path: path, number: number)
        guard fileSystem.exists(path) else {
            result.isSound = false
            body(
                .damage(
                    StoreError(
                        .corruption, "the manifest that CURRENT names is missing", path: path)))
            return result
        }
        let file = try fileSystem.open(path, .read)
        result.end = try LogInspection.run(
            file: file, fileID: number, magic: LogFormat.manifestMagic
        ) { (event) throws(StoreError) in
            result.take(event, body)
            return true
        }
        if result.edits == 0 {
            if result.isSound {
                let error = StoreError(
                    .corruption, "the first edit is damaged", path: path,
                    offset: UInt64(LogHeader.size))
                body(.damage(error))
            }
            result.isSound = false
            result.state = nil
        }
        return result
    }
}

extension ManifestInspection.Result {
    /// Shows an event, and applies an edit while nothing was damaged.
    fileprivate mutating func take(
        _ event: LogInspection.Event, _ body: (ManifestInspection.Event) -> Void
    ) {
        switch event {
        case .header(let header):
            state = ManifestState(storeID: header.storeID)
            body(.header(header))
        case .damage(let error):
            isSound = false
            body(.damage(error))
        case .record(let record, let offset, let payload):
            do throws(StoreError) {
                let edit = try ManifestEdit(decoding: payload)
                body(
                    .edit(edit, number: record.sequence, offset: offset, size: record.recordSize))
                guard isSound else { return }
                try state?.apply(edit)
                edits += 1
            } catch {
                isSound = false
                body(.damage(StoreError(error.code, error.message, path: path, offset: offset)))
            }
        }
    }
}
