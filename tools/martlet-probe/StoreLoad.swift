import ArgumentParser
import Glibc
import MartletCompaction
import MartletHarness
import MartletStore

/// A store that is written to as fast as it takes it, with a socket for compaction daemons; `martlet-probe
/// compactd` starts it, and kills it.
///
/// Write n changes one row that n decides, or deletes a range of rows, and says n in a row of its
/// own, in the same batch. So what the store must hold follows from the last n it holds.
struct StoreLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-load", shouldDisplay: false)

    static let rows: UInt64 = 3_000
    static let counter = "~written"

    @Option var data: String
    /// Where the last acknowledged n and some counts are written, which outlive the process.
    @Option var report: String
    /// Check, compact, check again, and end.
    @Flag var check = false

    static var options: StoreOptions {
        var options = StoreOptions()
        options.memoryBudget = 16 << 20
        options.memtableSize = 256 << 10
        options.tableFileSize = 128 << 10
        options.levelZeroFiles = 2
        options.levelBase = 512 << 10
        options.logSegmentSize = 1 << 20
        options.daemonLease = 1_000_000
        options.daemonPatience = 200_000
        return options
    }

    func run() async throws {
        let store = try Store.open(at: data, options: Self.options)
        if store.tables.isEmpty { try store.createTable("t", families: [FamilySchema("f")]) }
        let table = try store.table("t")
        var last = try verify(store, table)
        let report = try LoadReport(report)
        guard last >= report.acknowledged else {
            throw HarnessError("write \(report.acknowledged) is lost, \(last) is the last one")
        }
        if check {
            try store.compact()
            _ = try verify(store, table)
            try store.close()
            return
        }
        let server = try await CompactionServer(
            store, path: "\(data)/\(FileName.compactionSocket)", build: "probe")
        while true {
            last += 1
            try store.write(try Self.batch(last, table), durability: .written)
            try report.write(last, last % 256 == 0 ? store.desk.status().counts : nil)
        }
        await server.close()
    }

    private static func row(_ n: UInt64) -> String {
        let digits = String(n % rows)
        return "row" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    private static func mixed(_ n: UInt64) -> UInt64 {
        var generator = SplitNumbers(state: n)
        return generator.next()
    }

    /// What write `n` changes: a row, or the rows from one on.
    private static func change(_ n: UInt64) -> (first: UInt64, isDelete: Bool) {
        let mixed = mixed(n)
        return (mixed % rows, mixed >> 40 & 127 == 0)
    }

    private static func batch(_ n: UInt64, _ table: Table) throws -> WriteBatch {
        let family = try table.family("f")
        var batch = WriteBatch()
        let (first, isDelete) = change(n)
        if isDelete {
            try batch.deleteRange(table, from: row(first), to: row(min(first + 20, rows - 1)))
        } else {
            let value = "\(n) " + String(repeating: String(mixed(n), radix: 36), count: 12)
            try batch.put(family, row: row(first), qualifier: "v", value: value)
        }
        try batch.put(family, row: counter, qualifier: "n", value: String(n))
        return batch
    }

    /// Compares every row with what the writes up to the last one make; that one's n.
    private func verify(_ store: Store, _ table: Table) throws -> UInt64 {
        let family = try table.family("f")
        func text(_ bytes: [UInt8]?) -> String? {
            bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        let said = try text(store.get(family, row: Self.counter, qualifier: "n"))
        let last = said.flatMap { UInt64($0) } ?? 0
        var model = [UInt64](repeating: 0, count: Int(Self.rows))
        if last > 0 {
            for n in 1...last {
                let (first, isDelete) = Self.change(n)
                guard isDelete else {
                    model[Int(first)] = n
                    continue
                }
                let end = min(first + 20, Self.rows - 1)
                for row in first..<max(first, end) { model[Int(row)] = 0 }
            }
        }
        var seen = 0
        let scanner = try store.scan(family)
        while let row = try scanner.next() {
            let key = String(decoding: row.key, as: UTF8.self)
            guard let index = UInt64(key.dropFirst(3)) else { continue }
            seen += 1
            let n = text(row["v"])?.split(separator: " ").first.flatMap { UInt64($0) }
            guard n == model[Int(index)] else {
                throw HarnessError("\(key) is of write \(n ?? 0), not \(model[Int(index)])")
            }
        }
        let expected = model.count { $0 > 0 }
        guard seen == expected else { throw HarnessError("\(seen) rows, not \(expected)") }
        return last
    }
}

/// SplitMix64.
private struct SplitNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Numbers in a file, for who comes after a kill: the page cache keeps them.
final class LoadReport {
    private let descriptor: CInt
    private var numbers = [UInt64](repeating: 0, count: 6)

    init(_ path: String) throws {
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HarnessError("cannot open \(path)") }
        _ = numbers.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// The last write that was acknowledged, in any life.
    var acknowledged: UInt64 { numbers[0] }
    /// Since the start of the last process that said so.
    var counts: JobBoard.Counts {
        var counts = JobBoard.Counts()
        counts.committed = numbers[1]
        counts.daemonBytes = numbers[2]
        counts.fallbacks = numbers[3]
        counts.refused = numbers[4]
        counts.expired = numbers[5]
        return counts
    }

    func write(_ acknowledged: UInt64, _ counts: JobBoard.Counts?) throws {
        numbers[0] = acknowledged
        if let counts {
            numbers[1] = counts.committed
            numbers[2] = counts.daemonBytes
            numbers[3] = counts.fallbacks
            numbers[4] = counts.refused
            numbers[5] = counts.expired
        }
        let count = numbers.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == 48 else { throw HarnessError("cannot write the report") }
    }

    /// A new life counts from nothing.
    func forgetCounts() throws { try write(acknowledged, JobBoard.Counts()) }
}
