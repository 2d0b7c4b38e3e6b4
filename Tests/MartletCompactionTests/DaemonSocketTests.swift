import Foundation
import Glibc
import Logging
import MartletStore
import Testing

@testable import MartletCompaction

@Suite("A store, its socket and daemons", .serialized) struct DaemonSocketTests {
    /// A store in a new directory with a backlog of some tables.
    private func withStore(_ body: (Store, String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("mt-" + UUID().uuidString.prefix(8)).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = StoreOptions()
        options.tableFileSize = 64 << 10
        options.compactsAutomatically = false
        let store = try Store.open(at: directory, options: options)
        let family = try store.createTable("t", families: [FamilySchema("f", compression: .none)])
            .family("f")
        for round in 0..<8 {
            for row in 0..<200 {
                var batch = WriteBatch()
                try batch.put(
                    family, row: "row-\(row * 7 % 200)-\(round % 4)", qualifier: "q",
                    value: [UInt8](repeating: UInt8(round), count: 500))
                try store.write(batch, durability: .written)
            }
            try store.flush()
        }
        try await body(store, directory)
        try store.close()
    }

    private func daemon(_ directory: String, _ workers: Int = 2) throws -> CompactionDaemon {
        var options = CompactionDaemon.Options(
            data: directory, socket: directory + "/s", build: "test")
        options.workers = workers
        return try CompactionDaemon(
            options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func rows(_ store: Store) throws -> Int {
        let scanner = try store.scan(try store.table("t").family("f"))
        var count = 0
        while let row = try scanner.next() {
            #expect(row["q"]?.count == 500)
            count += 1
        }
        return count
    }

    /// Compacts on a thread of its own.
    private func compact(_ store: Store) async throws {
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            Environment.system.background.spawn("test") {
                continuation.resume(with: Result { try store.compact() })
            }
        }
    }

    private func attached(_ store: Store, _ count: Int) async throws {
        while store.desk.status().daemons.count != count {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("daemons do all of the merging; garbage and strangers on the socket change nothing")
    func merged() async throws {
        try await withStore { store, directory in
            let server = try await CompactionServer(store, path: directory + "/s", build: "test")
            var status = stat()
            #expect(stat(directory + "/s", &status) == 0 && status.st_mode & 0o777 == 0o600)
            let daemons = [try daemon(directory), try daemon(directory, 1)]
            async let first: Void = daemons[0].run()
            async let second: Void = daemons[1].run()
            try await attached(store, 2)
            for bytes in [
                [0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4], Array("GET / HTTP/1.1\r\n\r\n".utf8),
            ] {
                let descriptor = try CompactionSocket.connect(directory + "/s")
                _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                var answer = [UInt8](repeating: 0, count: 1 << 10)
                while read(descriptor, &answer, answer.count) > 0 {}
                close(descriptor)
            }
            #expect(throws: CompactionDaemon.Refused.self) {
                try StatusQuestion.ask(
                    directory + "/s", store: StoreID(low: 1, high: 1), build: "test")
            }
            try await compact(store)
            #expect(try rows(store) == 800)
            let found = try StatusQuestion.ask(
                directory + "/s", store: store.id, build: "test")
            #expect(found.daemons.count == 2)
            #expect(found.counts.committed > 1 && found.counts.fallbacks == 0, "\(found.counts)")
            #expect(found.counts.daemonBytes > 1_000 && found.counts.refused == 0)
            #expect(!FileManager.default.fileExists(atPath: directory + "/jobs"))
            for daemon in daemons { daemon.stop() }
            try await first
            try await second
            try await attached(store, 0)
            await server.close()
            #expect(!FileManager.default.fileExists(atPath: directory + "/s"))
        }
    }

    @Test("a daemon of another store is refused for good, with words")
    func otherStore() async throws {
        try await withStore { store, directory in
            let server = try await CompactionServer(store, path: directory + "/s", build: "test")
            try await withStore { _, other in
                var options = CompactionDaemon.Options(
                    data: other, socket: directory + "/s", build: "test")
                options.workers = 1
                let daemon = try CompactionDaemon(
                    options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                await #expect(throws: CompactionDaemon.Refused.self) { try await daemon.run() }
            }
            await server.close()
        }
    }
}
