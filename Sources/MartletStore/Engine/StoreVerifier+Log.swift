extension StoreVerifier {
    /// Reads the log as an opening of the store would; its last sequence.
    mutating func verifyLog(of state: ManifestState) -> UInt64 {
        let before = report
        var found: StoreError?
        // Beside a writer a record may be read half, and segments come and go; then the next look
        // finds something else.
        for attempt in 0..<3 {
            report = before
            let state = attempt == 0 ? state : currentState() ?? state
            do throws(StoreError) {
                return try replay(state)
            } catch {
                if attempt > 0, error == found { break }
                found = error
            }
        }
        report = before
        let errors = inspectLog(minimum: state.minLogSegment, families: state.families)
        if let found, !errors.contains(where: { $0.isAt(found) }) { add(found, in: logDirectory) }
        return state.lastSequence
    }

    private mutating func replay(_ state: ManifestState) throws(StoreError) -> UInt64 {
        let families = state.families
        let log = try LogRecovery.run(
            fileSystem, directory: logDirectory, storeID: state.storeID,
            minimumSegment: state.minLogSegment, repairs: false, cut: state.unfinishedCut
        ) { (segment, sequence, _, payload) throws(StoreError) in
            let path = LogFormat.segmentPath(logDirectory, segment)
            report.mutations += try Self.decode(payload, sequence, families, path)
        }
        let oldest = LogFormat.segmentPath(logDirectory, state.minLogSegment)
        if log.segments.isEmpty, state.minLogSegment > 1 || state.lastSequence > 0 {
            throw StoreError(.corruption, "a log segment is missing", path: oldest)
        }
        report.logSegments = UInt64(log.segments.count)
        report.records = UInt64(log.records)
        report.bytes += log.segments.reduce(0) { $0 + $1.bytes }
        if let cut = log.cut {
            report.tornBytes = cut.bytes
            warn(cut.path, cut.offset, "a torn tail of \(cut.bytes) bytes, cut at the next opening")
        }
        if let segment = log.segments.last, log.lastSequence < state.lastSequence {
            warn(
                LogFormat.segmentPath(logDirectory, segment.id), nil,
                "the log ends at sequence \(log.lastSequence), the tables at \(state.lastSequence):"
                    + " writes past the log, or a lost segment")
        }
        return log.lastSequence
    }

    /// Reads each needed segment for itself, past damage.
    @discardableResult
    mutating func inspectLog(
        minimum: UInt64, families: [UInt32: ManifestState.FamilyEntry]?
    ) -> [StoreError] {
        var errors: [StoreError] = []
        let names = (try? fileSystem.list(logDirectory)) ?? []
        for id in names.compactMap(LogFormat.segment(ofName:)).sorted() where id >= minimum {
            let path = LogFormat.segmentPath(logDirectory, id)
            do throws(StoreError) {
                let file = try fileSystem.open(path, .read)
                defer { file.close() }
                report.logSegments += 1
                report.bytes += try file.size()
                _ = try LogInspection.run(
                    file: file, fileID: id, magic: LogFormat.segmentMagic
                ) { (event) throws(StoreError) in
                    switch event {
                    case .header: break
                    case .damage(let error): errors.append(error)
                    case .record(let record, _, let payload):
                        guard record.type == .batch else { break }
                        report.records += 1
                        report.mutations += try Self.decode(
                            payload, record.sequence, families, path)
                    }
                    return errors.count <= errorsKept
                }
            } catch {
                errors.append(error)
            }
        }
        for error in errors { add(error, in: logDirectory) }
        return errors
    }

    /// Decodes a batch to its end; the number of its mutations.
    private static func decode(
        _ payload: UnsafeRawBufferPointer, _ sequence: UInt64,
        _ families: [UInt32: ManifestState.FamilyEntry]?, _ path: String
    ) throws(StoreError) -> UInt64 {
        var decoder: BatchDecoder
        var count: UInt64 = 0
        do throws(StoreError) {
            decoder = try BatchDecoder(payload: payload, firstSequence: sequence)
            while try decoder.next() != nil {
                count += 1
                if let families, families[decoder.tree] == nil {
                    throw StoreError(.corruption, "a batch names the unknown tree \(decoder.tree)")
                }
            }
        } catch {
            throw StoreError(error.code, "sequence \(sequence): \(error.message)", path: path)
        }
        return count
    }

    /// No table has a sequence that was not given out.
    mutating func verifySequences(of state: ManifestState, last: UInt64) {
        for levels in state.files.values {
            for table in levels.values.flatMap(\.values) where table.maxSequence > last {
                add(
                    "\(tableDirectory)/\(FileName.table(table.number))", nil,
                    "sequence \(table.maxSequence) is beyond the store's last, \(last)")
            }
        }
        for (tree, sequence) in state.flushedSequences where sequence > last {
            let number = (try? ManifestName.readCurrent(fileSystem, directory)) ?? 0
            add(
                "\(directory)/\(ManifestName.name(number))", nil,
                "tree \(tree) is flushed up to \(sequence), beyond the store's last, \(last)")
        }
    }
}

extension StoreError {
    /// Whether both errors are about the same place.
    fileprivate func isAt(_ other: StoreError) -> Bool {
        path == other.path && offset == other.offset
    }
}
