extension Store {
    /// Makes a frozen memtable into a table of level 0.
    ///
    /// The order is what keeps acknowledged writes: (1) the log is synced up to the memtable's last
    /// entry, so that no batch is on disk in one tree and lost in another (F9); (2) the table and
    /// its name are durable; (3) the manifest names it (F1); (4) only then may the log's segments
    /// go (L7).
    func flush(_ buffer: WriteBuffer, of tree: Tree) throws(StoreError) {
        do throws(StoreError) {
            try log?.syncWritten()
        } catch {
            poison(error)
            throw error
        }
        let metadata = try writeTable(of: buffer, tree)
        try manifestMonitor.withLock { () throws(StoreError) in
            var edit = ManifestEdit([
                .flushedSequence(
                    tree: tree.family.id, sequence: buffer.memtable.maximumSequence),
                .lastSequence(visibleSequence),
                .lastTimestamp(pipeline?.lastTimestamp ?? 0),
            ])
            if let metadata { edit.fields.append(.addFile(metadata)) }
            try record(edit)
            tree.replace(buffer, with: metadata.map { [TableHandle($0, files: files)] } ?? [])
        }
        monitor.withLock { state.flushBytes += metadata?.size ?? 0 }
        try dropObsoleteLog()
    }

    private func writeTable(
        of buffer: WriteBuffer, _ tree: Tree
    ) throws(StoreError) -> TableMetadata? {
        let settings = CollectedTables.Settings(
            family: tree.family, level: 0, compression: tree.family.schema.compression,
            fileSize: .max, snapshots: snapshots.live(), hasVersionDeletes: true, below: nil,
            verifies: options.verifiesOutputs, now: environment.clock.now())
        let output = CollectedTables(
            settings, files: files, rangeTombstones: buffer.memtable.rangeTombstones,
            nextIdentity: { [self] in nextTableIdentities(1)[0] })
        do throws(StoreError) {
            var cursor = buffer.memtable.makeCursor()
            cursor.seekToFirst()
            while cursor.isValid {
                try output.add(cursor.cell)
                cursor.next()
            }
            return try output.finish().first
        } catch {
            output.abandon()
            throw error
        }
    }

    /// Lets go of log segments whose every batch is in tables.
    private func dropObsoleteLog() throws(StoreError) {
        guard let log, let pipeline else { return }
        // The log's end is read first: a batch that is logged later is in this segment or behind.
        let end = log.segments.last?.id ?? 0
        let unapplied = pipeline.oldestUnappliedSegment() ?? end
        let needed = applyLock.withLock {
            currentCatalog.trees.compactMap(\.oldestSegment).min() ?? end
        }
        let oldest = min(needed, unapplied, end)
        guard let first = log.segments.first, first.id < oldest else { return }
        let mayDrop = try manifestMonitor.withLock { () throws(StoreError) in
            if logIsPinned { return false }
            try record(ManifestEdit([.minLogSegment(oldest)]))
            return true
        }
        // A checkpoint copies the segments: the next flush drops them.
        if mayDrop { try log.obsolete(before: oldest) }
    }

    /// Numbers that no table file has had, each with a random id. Numbers are durable with the edit
    /// that uses them.
    func nextTableIdentities(_ count: Int) -> [TableIdentity] {
        let numbers = manifestMonitor.withLock {
            (0..<count).map { _ in manifest.takeFileNumber() }
        }
        return numbers.map { TableIdentity(number: $0, id: environment.random.next()) }
    }

    /// Appends a durable edit. Holds: `manifestMonitor`.
    func record(_ edit: ManifestEdit) throws(StoreError) {
        do throws(StoreError) {
            try manifest.append(edit)
        } catch {
            // Refused for want of space, the manifest is as it was; else it is unknown, and files
            // that the edit names must stay.
            if manifest.hasFailed { poison(error) }
            throw error
        }
    }
}
