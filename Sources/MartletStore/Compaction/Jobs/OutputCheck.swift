/// The server's look at what a daemon wrote, before any of it becomes part of the store.
///
/// Every block is read and every cell compared with the one before it. What follows from the inputs
/// is asked for: rows within the job's, no more cells of any kind than there were, no sequence or
/// time that no input has, range tombstones that are parts of the inputs'. What it cannot see is a
/// cell that was left out: only the merge itself knows what must stay.
struct OutputCheck {
    let job: CompactionJob
    /// The job's input tables.
    let inputs: [TableHandle]

    /// Why an output is not to be used.
    struct Fault: Error, Equatable {
        /// Its index.
        var output: Int
        var reason: String
    }

    /// What all outputs of the job hold together.
    struct Sums {
        var puts: UInt64 = 0
        var deleteVersions: UInt64 = 0
        var deleteColumns: UInt64 = 0
        var deleteFamilies: UInt64 = 0
        var valueBytes: UInt64 = 0
        var largestCell: UInt64 = 0
        var rangeTombstones: [RangeTombstone] = []

        mutating func add(_ table: TableReader) {
            let properties = table.properties
            puts += properties.puts
            deleteVersions += properties.deleteVersions
            deleteColumns += properties.deleteColumns
            deleteFamilies += properties.deleteFamilies
            valueBytes += properties.rawValueBytes
            largestCell = max(largestCell, properties.largestCell)
            rangeTombstones += table.rangeTombstones
        }

        func isWithin(_ other: Sums) -> Bool {
            puts <= other.puts && deleteVersions <= other.deleteVersions
                && deleteColumns <= other.deleteColumns && deleteFamilies <= other.deleteFamilies
                && valueBytes <= other.valueBytes && largestCell <= other.largestCell
        }
    }

    /// Reads and checks the outputs, each in a file of its own, all of the job's so far in order.
    func run(_ outputs: [JobBoard.Output], _ files: [any File]) throws(Fault) {
        guard outputs.count == files.count else { throw Fault(output: 0, reason: "no file") }
        let all = try sumsOfInputs()
        var sums = Sums()
        var start = job.rows.start
        for (index, output) in outputs.enumerated() {
            let rows = RowRange(start: start, end: output.rest)
            do throws(StoreError) {
                let table = try TableReader.open(
                    file: files[index], cache: nil, expecting: output.table.tableID)
                if let reason = fault(table, output.table, rows) {
                    throw StoreError(.corruption, reason)
                }
                sums.add(table)
                guard sums.isWithin(all) else {
                    throw StoreError(.corruption, "more cells than the inputs have")
                }
                if let reason = fault(of: table.rangeTombstones, rows, all.rangeTombstones) {
                    throw StoreError(.corruption, reason)
                }
                try table.verify()
            } catch {
                throw Fault(output: index, reason: error.description)
            }
            start = output.rest
        }
    }

    private func sumsOfInputs() throws(Fault) -> Sums {
        var sums = Sums()
        do throws(StoreError) {
            for input in inputs { sums.add(try input.reader()) }
        } catch {
            throw Fault(output: -1, reason: error.description)
        }
        return sums
    }

    /// What the table's own words give away.
    private func fault(
        _ table: TableReader, _ told: TableMetadata, _ rows: RowRange
    ) -> String? {
        let properties = table.properties
        let found = TableMetadata(
            properties, tree: job.family.id, level: Int(job.outputLevel))
        if found != told { return "the table is not the one that was told" }
        if properties.tree != job.family.id { return "the table is of another tree" }
        if !rows.holds(found) { return "the table has rows outside of its part" }
        let metadata = inputs.map(\.metadata)
        let newest = metadata.map(\.maxSequence).max() ?? 0
        if found.maxSequence > newest { return "a sequence that no input has" }
        let isTimed = properties.cells == 0
        let times = (
            metadata.map(\.minTimestamp).min() ?? 0, metadata.map(\.maxTimestamp).max() ?? 0
        )
        if !isTimed, found.minTimestamp < times.0 || found.maxTimestamp > times.1 {
            return "a timestamp that no input has"
        }
        if found.createdAt != job.now { return "a time of writing that was not given out" }
        let wanted: UInt64 =
            if case .rowAndPrefix(let length) = job.family.schema.filter {
                UInt64(max(0, length))
            } else {
                0
            }
        if properties.prefixLength != wanted { return "another filter than the family's" }
        return nil
    }

    /// Each range tombstone must be a part of one of the inputs'.
    private func fault(
        of tombstones: [RangeTombstone], _ rows: RowRange, _ inputs: [RangeTombstone]
    ) -> String? {
        for tombstone in tombstones {
            let range = RowRange(start: tombstone.start, end: tombstone.end)
            guard rows.contains(range) else { return "a range delete outside of its part" }
            let isPart = inputs.contains { input in
                input.sequence == tombstone.sequence
                    && RowRange(start: input.start, end: input.end).contains(range)
            }
            if !isPart { return "a range delete that no input has" }
        }
        return nil
    }
}
