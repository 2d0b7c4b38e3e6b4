package import MartletStore

/// A store's directory as a shipper reads it, beside the server that writes it or without one.
///
/// `@unchecked Sendable`: what changes is touched under `monitor` only.
package final class DirectorySource: ShippingSource, @unchecked Sendable {
    private let directory: String
    private let environment: Environment
    private let monitor = Monitor()
    private var tails: [Int: LogTail] = [:]
    private var seeds: [UInt64: (offer: SeedOffer, path: String)] = [:]
    /// Finds the log's end where no server tells it.
    private var endTail: LogTail?

    private var fileSystem: any FileSystem { environment.fileSystem }
    private var logDirectory: String { "\(directory)/log" }

    package init(_ directory: String, environment: Environment) {
        self.directory = directory
        self.environment = environment
    }

    package func state() throws(StoreError) -> PrimaryState {
        let state = try ManifestReader.read(fileSystem, directory: directory).state
        let next = try monitor.withLock { () throws(StoreError) in
            try end(state)
        }
        return PrimaryState(
            storeID: state.storeID, history: state.history, segment: 0, offset: 0,
            nextSequence: next, nextTree: Self.nextTree(state), replicas: state.readersWaitFor,
            isDeposed: state.role != .primary)
    }

    package func read(
        after: UInt64, bytes: Int, connection: Int, state: PrimaryState
    ) -> ShipperSession.Reading {
        do throws(StoreError) {
            let records = try monitor.withLock { () throws(StoreError) in
                try tail(connection, state, next: after + 1).read(
                    upTo: Self.end(state), before: state.history.boundary(behind: after) ?? .max,
                    bytes: bytes)
            }
            if records.isEmpty { return .records([], treesEnd: 0) }
            // The server's state is as old as the end that was read to; else the manifest is read
            // behind the records: a family is in it before a batch names it.
            let treesEnd = state.segment > 0 ? state.nextTree : try catalog().nextTree
            return .records(records, treesEnd: treesEnd)
        } catch {
            if error.code == .gone { return .gone }
            monitor.withLock { tails[connection] = nil }
            return .failed("\(error)")
        }
    }

    package func forget(connection: Int) { monitor.withLock { tails[connection] = nil } }

    package func catalog() throws(StoreError) -> (edit: ManifestEdit, nextTree: UInt32) {
        let state = try ManifestReader.read(fileSystem, directory: directory).state
        let families = state.families.values.sorted { $0.tree < $1.tree }
        var fields: [ManifestEdit.Field] = []
        var tables: Set<String> = []
        for family in families {
            if tables.insert(family.table).inserted { fields.append(.createTable(family.table)) }
            fields.append(
                .createFamily(tree: family.tree, table: family.table, schema: family.schema))
        }
        return (ManifestEdit(fields), Self.nextTree(state))
    }

    package func openSeed(_ seed: UInt64, path: String) throws(StoreError) -> SeedOffer {
        let state = try ManifestReader.read(fileSystem, directory: path).state
        let report = try LogRecovery.run(
            fileSystem, directory: "\(path)/log", storeID: state.storeID,
            minimumSegment: state.minLogSegment, repairs: false
        ) { (_, _, _, _) throws(StoreError) in }
        let offer = SeedOffer(
            seed: seed, sequence: max(state.lastSequence, report.lastSequence),
            history: state.history, files: try SeedFiles.list(path, fileSystem))
        monitor.withLock { seeds[seed] = (offer, path) }
        return offer
    }

    package func readSeed(_ range: SeedRange) throws(StoreError) -> SeedData {
        guard let (offer, path) = monitor.withLock({ seeds[range.seed] }),
            SeedSource(offer).holds(range)
        else { throw StoreError(.notFound, "there is no such piece of a seed") }
        return try SeedFiles.read(range, of: offer.files[Int(range.file)], in: path, fileSystem)
    }

    package func closeSeed(_ seed: UInt64) { monitor.withLock { seeds[seed] = nil } }

    // MARK: Holding the monitor

    private func tail(
        _ connection: Int, _ state: PrimaryState, next: UInt64
    ) -> LogTail {
        if let known = tails[connection], known.next == next { return known }
        let tail = LogTail(fileSystem, directory: logDirectory, storeID: state.storeID, next: next)
        tails[connection] = tail
        return tail
    }

    /// The sequence behind the last record that is there: found by reading the log once, and then
    /// what was written since.
    private func end(_ state: ManifestState) throws(StoreError) -> UInt64 {
        do throws(StoreError) {
            let tail: LogTail
            if let endTail {
                tail = endTail
            } else {
                let report = try LogRecovery.run(
                    fileSystem, directory: logDirectory, storeID: state.storeID,
                    minimumSegment: state.minLogSegment, repairs: false
                ) { (_, _, _, _) throws(StoreError) in }
                tail = LogTail(
                    fileSystem, directory: logDirectory, storeID: state.storeID,
                    next: max(state.lastSequence, report.lastSequence) + 1)
            }
            while try !tail.read(upTo: nil, bytes: 1 << 20).isEmpty {}
            endTail = tail
            return tail.next
        } catch {
            endTail = nil
            throw error
        }
    }

    private static func nextTree(_ state: ManifestState) -> UInt32 {
        state.families.keys.max().map { $0 + 1 } ?? 0
    }

    private static func end(_ state: PrimaryState) -> LogEnd? {
        guard state.segment > 0 else { return nil }
        return LogEnd(
            segment: state.segment, offset: state.offset, nextSequence: state.nextSequence)
    }
}
