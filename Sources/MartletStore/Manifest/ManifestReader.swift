/// Reads the current manifest.
package enum ManifestReader {
    /// What a manifest says.
    package struct Result: Sendable, Equatable {
        package var state: ManifestState
        /// The manifest's number.
        package var number: UInt64
        /// Edits read, the snapshot among them.
        package var edits: Int
        /// The edit at the end that was never synced, if there was one.
        package var cut: LogCut?
    }

    /// Reads the manifest that CURRENT in `directory` names. Changes nothing.
    ///
    /// - Throws: `.notFound` where there is no CURRENT; `.corruption` with file and offset;
    ///   `.unsupported` for a newer format.
    package static func read(
        _ fileSystem: any FileSystem, directory: String
    ) throws(StoreError) -> Result {
        let number = try ManifestName.readCurrent(fileSystem, directory)
        let path = "\(directory)/\(ManifestName.name(number))"
        guard fileSystem.exists(path) else {
            throw StoreError(.corruption, "the manifest that CURRENT names is missing", path: path)
        }
        let file = try fileSystem.open(path, .read)
        let reader = try LogReader(file: file, fileID: number)
        guard let header = try reader.header(LogFormat.manifestMagic), header.fileID == number
        else {
            throw damage(reader, 0, "the manifest's header is damaged")
        }
        guard header.version <= LogFormat.version else {
            let message = "manifest format \(header.version) is newer than \(LogFormat.version)"
            throw StoreError(.unsupported, message, path: path, offset: 8)
        }
        var result = Result(
            state: ManifestState(storeID: header.storeID), number: number, edits: 0)
        while true {
            let place = reader.offset
            guard case .record(let record, let payload) = try reader.next() else { break }
            let expected = header.firstSequence + UInt64(result.edits)
            guard record.type == .edit, record.sequence == expected, record.epoch == header.epoch
            else {
                let message = "record \(record.sequence) in place of edit \(expected)"
                throw damage(reader, place, message)
            }
            try apply(payload, to: &result.state, reader, place)
            result.edits += 1
        }
        result.cut = try cut(reader, header, edits: result.edits)
        return result
    }

    private static func apply(
        _ payload: UnsafeRawBufferPointer, to state: inout ManifestState, _ reader: LogReader,
        _ place: UInt64
    ) throws(StoreError) {
        do {
            try state.apply(try ManifestEdit(decoding: payload))
        } catch {
            throw StoreError(error.code, error.message, path: reader.file.path, offset: place)
        }
    }

    /// What was cut at the reader's place. The rules are the log's, but that the first edit was
    /// synced before CURRENT named the file.
    private static func cut(
        _ reader: LogReader, _ header: LogHeader, edits: Int
    ) throws(StoreError) -> LogCut? {
        let place = reader.offset
        guard edits > 0 else { throw damage(reader, place, "the first edit is damaged") }
        let next = header.firstSequence + UInt64(edits)
        let scan = try LogScan(reader, behind: place, sequence: next, epoch: header.epoch)
        guard scan.durableOffset <= place else {
            throw damage(reader, place, "an edit is damaged that was synced")
        }
        var end = scan.end
        if let torn = try reader.unverifiedHeader(at: place), torn.type == .edit,
            torn.sequence == next
        {
            end = max(end, min(place + UInt64(torn.recordSize), reader.fileSize))
        }
        return end > place ? LogCut(path: reader.file.path, offset: place, bytes: end - place) : nil
    }

    private static func damage(
        _ reader: LogReader, _ offset: UInt64, _ message: String
    ) -> StoreError {
        StoreError(.corruption, message, path: reader.file.path, offset: offset)
    }
}
