import Glibc
import Synchronization
import Testing

@testable import MartletStore

@Suite("Checkpoints on real files, beside real threads") struct CheckpointThreadTests {
    private static func withDirectories(_ body: (_ store: String, _ copies: String) throws -> Void)
        throws
    {
        // Another file system, where there is one: then tables are copied.
        for place in ["/tmp", "/dev/shm"] where access(place, W_OK) == 0 {
            let name = "martlet-\(getpid())-\(SystemRandom().next())"
            let (directory, copies) = ("/tmp/\(name)", "\(place)/\(name)-copies")
            for path in [directory, copies] { try SystemFileSystem().createDirectory(path) }
            defer { for path in [directory, copies] { removeAll(path) } }
            try body(directory + "/store", copies)
        }
    }

    private static func removeAll(_ path: String) {
        let files = SystemFileSystem()
        for name in (try? files.list(path)) ?? [] {
            if unlink("\(path)/\(name)") != 0 { removeAll("\(path)/\(name)") }
        }
        rmdir(path)
    }

    private static var options: StoreOptions {
        var options = StoreOptions()
        options.memtableSize = 256 << 10
        options.logSegmentSize = 128 << 10
        options.levelZeroFiles = 2
        options.diskReserve = 0
        return options
    }

    /// What the writers share.
    private final class Board: Sendable {
        let isOver = Atomic<Bool>(false)
        let done = Atomic<Int>(0)
        let acknowledged: [Counter] = (0..<3).map { _ in Counter() }

        final class Counter: Sendable {
            let value = Atomic<Int>(0)
        }
    }

    @Test("hold what was acknowledged before, whole batches, nothing behind a gap")
    func beside() throws {
        try Self.withDirectories { path, copies in
            let store = try Store.open(at: path, options: Self.options)
            let table = try store.createTable(
                "t", families: [FamilySchema("a"), FamilySchema("b")])
            let board = Board()
            for writer in 0..<3 {
                Environment.system.background.spawn("writer-\(writer)") {
                    defer { board.done.add(1, ordering: .sequentiallyConsistent) }
                    var number = 0
                    while !board.isOver.load(ordering: .relaxed), number < 20_000 {
                        do {
                            var batch = WriteBatch()
                            for family in table.families {
                                try batch.put(
                                    family, row: Self.row(writer, number), qualifier: "q",
                                    value: [UInt8](repeating: UInt8(number & 255), count: 100))
                            }
                            try store.write(batch, durability: .written)
                        } catch {
                            Issue.record("\(error)")
                            return
                        }
                        number += 1
                        board.acknowledged[writer].value.store(number, ordering: .releasing)
                    }
                }
            }
            for copy in 0..<4 {
                let before = board.acknowledged.map { $0.value.load(ordering: .acquiring) }
                let report = try store.checkpoint(at: "\(copies)/\(copy)")
                #expect(
                    report.linkedTables == 0 || report.linkedTables == report.tables)
                try check("\(copies)/\(copy)", before)
            }
            board.isOver.store(true, ordering: .relaxed)
            while board.done.load(ordering: .sequentiallyConsistent) < 3 { sched_yield() }
            try store.close()
        }
    }

    private static func row(_ writer: Int, _ number: Int) -> String {
        "w\(writer)-\(1_000_000 + number)"
    }

    private func check(_ path: String, _ before: [Int]) throws {
        let report = try StoreVerifier.run(directory: path, environment: .system)
        #expect(report.isSound, "\(report.errors)")
        let store = try Store.open(at: path, options: Self.options)
        let families = try store.table("t").families
        for (writer, least) in before.enumerated() {
            var counts: [Int] = []
            for family in families {
                let rows = try store.scan(family, .prefix("w\(writer)-"))
                var count = 0
                while let row = try rows.next() {
                    try #require(row.key == Array(Self.row(writer, count).utf8))
                    count += 1
                }
                counts.append(count)
            }
            #expect(counts[0] >= least)
            #expect(counts[0] == counts[1], "half a batch")
        }
        try store.close()
    }
}
