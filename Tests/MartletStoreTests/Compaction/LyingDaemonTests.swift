import MartletSimulation
import Testing

@testable import MartletStore

@Suite("A daemon that lies") struct LyingDaemonTests {
    enum Lie: String, CaseIterable {
        case moreCells, earlierSequence, otherNumber, otherTable, truncated, flippedBit
        case swappedTables, restBehindTheEnd, restInsideTheTable, forgedCell, forgedRangeDelete
        case rowsOfOthers, missingFile, olderTime
    }

    @Test("is refused whatever it lies about, and nothing is lost", arguments: Lie.allCases)
    func refused(_ lie: Lie) throws {
        var lies = 0
        for seed in UInt64(0)..<4 {
            // Two, so that plans are cut in two: a part has an end.
            let run = try DaemonScenario(seed: 1_000 + seed, daemons: 2)
            let disk = run.scenario.simulation.disk
            var before: [String: [UInt8]] = [:]
            for daemon in run.daemons {
                daemon.lie = { table, rest, offer, path in
                    if Self.tell(lie, disk, &table, &rest, offer, path, &before) { lies += 1 }
                }
            }
            for step in 0..<60 {
                try run.scenario.writeBatch(.written)
                if step % 20 == 19 { try run.scenario.store.compact() }
                if step % 30 == 0 {
                    for daemon in run.daemons { daemon.connect(run.scenario.store.desk) }
                }
            }
            let status = run.scenario.store.desk.status()
            if lies > 0 {
                #expect(
                    status.counts.refused + status.counts.refusals > 0,
                    "seed \(seed): a lie was believed: \(status.counts)")
            }
            for daemon in run.daemons { daemon.lie = nil }
            try run.settle()
        }
        #expect(lies > 0, "no lie was told")
    }

    /// Lies about the table at `path`. False where there is nothing to lie about.
    private static func tell(
        _ lie: Lie, _ disk: SimulatedDisk, _ table: inout TableMetadata, _ rest: inout [UInt8],
        _ offer: JobBoard.Offer, _ path: String, _ before: inout [String: [UInt8]]
    ) -> Bool {
        let bytes = disk.contents(of: path) ?? []
        switch lie {
        case .moreCells: table.cellCount += 1
        case .earlierSequence: table.minSequence += 1
        case .otherNumber: table.number += 1
        case .otherTable:
            guard let input = offer.job.inputs.joined().first,
                let other = disk.contents(of: "/store/tables/\(FileName.table(input.number))")
            else { return false }
            disk.replace(path, with: other)
        case .truncated: disk.replace(path, with: Array(bytes.dropLast(1)))
        case .flippedBit: disk.flipBit(path, offset: bytes.count / 3)
        case .swappedTables:
            defer { before = [path: bytes] }
            guard let (first, old) = before.first, first != path else { return false }
            disk.replace(path, with: old)
        case .restBehindTheEnd:
            // Without an end, every row is before it.
            guard !offer.job.rows.end.isEmpty else { return false }
            rest = offer.job.rows.end + [1]
        case .restInsideTheTable:
            guard table.smallestRow != table.largestRow else { return false }
            rest = table.smallestRow + [0]
        case .forgedCell, .forgedRangeDelete, .rowsOfOthers, .olderTime:
            return forge(lie, disk, &table, offer, path)
        case .missingFile: disk.replace(path, with: [])
        }
        return true
    }

    /// A sound table with the right number and id, and something else in it.
    private static func forge(
        _ lie: Lie, _ disk: SimulatedDisk, _ table: inout TableMetadata,
        _ offer: JobBoard.Offer, _ path: String
    ) -> Bool {
        let (job, schema) = (offer.job, offer.job.family.schema)
        guard let file = try? disk.open(path + ".new", .create) else { return false }
        let settings = TableSettings(
            tableID: table.tableID, fileNumber: table.number, tree: table.tree,
            compression: .none, blockSize: schema.blockSize, filter: schema.filter,
            createdAt: lie == .olderTime ? job.now + 1 : job.now)
        let writer = TableWriter(file: file, settings: settings)
        let metadata = job.inputs.joined()
        let sequence = metadata.map(\.maxSequence).max() ?? 0
        let time = metadata.map(\.minTimestamp).min() ?? 0
        let row = lie == .rowsOfOthers ? [0xfe] : table.smallestRow
        do {
            if lie == .forgedRangeDelete {
                try writer.addRangeTombstone(
                    RangeTombstone(start: row, end: row + [0], sequence: sequence))
            } else {
                let count = lie == .forgedCell ? 400 : 1
                for cell in 0..<count {
                    try row.withBytes { row throws(StoreError) in
                        try [UInt8(cell / 256), UInt8(cell % 256)].withBytes {
                            name throws(StoreError) in
                            try writer.add(
                                CellReference(
                                    row: row, qualifier: name, timestamp: time,
                                    trailer: sequence << 8 | 1,
                                    value: UnsafeRawBufferPointer(start: nil, count: 0)))
                        }
                    }
                }
            }
            let properties = try writer.finish()
            table = TableMetadata(properties, tree: table.tree, level: Int(table.level))
            disk.replace(path, with: disk.contents(of: path + ".new") ?? [])
            try disk.remove(path + ".new")
            return true
        } catch {
            return false
        }
    }

    @Test("an old job's token, and a job of an earlier life, are worth nothing")
    func replayed() throws {
        let run = try DaemonScenario(seed: 7, daemons: 1)
        for _ in 0..<40 { try run.scenario.writeBatch(.written) }
        try run.scenario.store.compact()
        let desk = run.scenario.store.desk
        #expect(throws: JobRefusal.unknownJob) { try desk.written(1, token: 1) }
        #expect(throws: JobRefusal.unknownJob) { try desk.heard(2, token: 1, bytes: 0) }
        #expect(throws: JobRefusal.unknownJob) { try desk.release(2, token: 1) }
        #expect(throws: JobRefusal.unknownJob) { try desk.failed(2, token: 1) }
        try run.settle()
    }
}
