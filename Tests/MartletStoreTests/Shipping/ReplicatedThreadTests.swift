import Glibc
import Synchronization
import Testing

@testable import MartletStore

@Suite("Replicated writes on real files and threads") struct ReplicatedThreadTests {
    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = "/tmp/martlet-\(getpid())-\(SystemRandom().next())"
        try SystemFileSystem().createDirectory(directory)
        defer { removeAll(directory) }
        try body(directory)
    }

    private static func removeAll(_ path: String) {
        let files = SystemFileSystem()
        for name in (try? files.list(path)) ?? [] {
            if unlink("\(path)/\(name)") != 0 { removeAll("\(path)/\(name)") }
        }
        rmdir(path)
    }

    /// What the threads share: where the primary's log ends, and when all is written.
    ///
    /// `@unchecked Sendable`: `end` and `isOver` are touched under `monitor` only; the other is
    /// atomic.
    private final class Wire: @unchecked Sendable {
        private let monitor = Monitor()
        private var end: LogEnd?
        private var isOver = false
        let writersLeft = Atomic<Int>(4)

        func tell(_ end: LogEnd) {
            monitor.withLock {
                if end.nextSequence >= self.end?.nextSequence ?? 0 { self.end = end }
                monitor.broadcast()
            }
        }

        func close() {
            monitor.withLock {
                isOver = true
                monitor.broadcast()
            }
        }

        /// The log's end when it is beyond `next`; `nil` when all is over.
        func wait(beyond next: UInt64) -> LogEnd? {
            monitor.withLock {
                while !isOver, end?.nextSequence ?? 0 <= next { monitor.wait() }
                return end?.nextSequence ?? 0 > next ? end : nil
            }
        }
    }

    @Test("are all there on the follower when they are acknowledged, and digests are equal")
    func together() throws {
        try Self.withDirectory { directory in
            var options = StoreOptions()
            options.diskReserve = 0
            options.logSegmentSize = 64 << 10
            options.memtableSize = 256 << 10
            options.replicationTimeout = 60_000_000
            let primary = try Store.open(at: directory + "/primary", options: options)
            let family = try primary.createTable("t", families: [FamilySchema("f")]).family("f")
            _ = try primary.checkpoint(at: directory + "/incoming")
            try Store.installSeed(from: directory + "/incoming", at: directory + "/follower")
            let follower = try Store.open(at: directory + "/follower", options: options)
            let wire = Wire()
            primary.attachFollower("follower")
            primary.replication.listen { wire.tell($0) }
            let shipped = Answers()
            Environment.system.background.spawn("shipper") {
                shipped.add(Self.ship(from: primary, to: follower, wire))
            }
            let written = Answers()
            for writer in 0..<4 {
                Environment.system.background.spawn("writer-\(writer)") {
                    written.add(Self.write(writer, family, primary, follower))
                }
            }
            written.wait(for: 4)
            for answer in written.all { _ = try answer.get() }
            wire.close()
            shipped.wait(for: 1)
            for answer in shipped.all { _ = try answer.get() }
            #expect(follower.lastLogged == primary.lastLogged)
            try primary.compact()
            #expect(try primary.digest(now: 1) == follower.digest(now: 1))
            try primary.close()
            try follower.close()
        }
    }

    /// Each acknowledged write is looked up on the follower at once.
    private static func write(
        _ writer: Int, _ family: Family, _ primary: Store, _ follower: Store
    ) -> Result<UInt64, StoreError> {
        do throws(StoreError) {
            for number in 0..<150 {
                var batch = WriteBatch()
                let row = "\(writer)/\(number)"
                try batch.put(
                    family, row: row, qualifier: "q", value: [UInt8](repeating: 7, count: 300))
                try primary.write(batch, durability: .replicated(1))
                guard try follower.get(family, row: row, qualifier: "q") != nil else {
                    return .failure(StoreError(.notFound, "\(row) is not on the follower"))
                }
            }
            return .success(150)
        } catch {
            return .failure(error)
        }
    }

    private static func ship(
        from primary: Store, to follower: Store, _ wire: Wire
    ) -> Result<UInt64, StoreError> {
        let files = Environment.system.fileSystem
        do throws(StoreError) {
            guard let term = primary.terms.current?.id else { return .success(0) }
            let tail = LogTail(
                files, directory: primary.directory + "/log", storeID: primary.id,
                next: follower.lastLogged + 1)
            while let end = wire.wait(beyond: tail.next) {
                let records = try tail.read(upTo: end, bytes: 64 << 10)
                guard let first = records.first else { continue }
                let last = try follower.appendShipped(
                    records, after: first.sequence - 1, in: term)
                primary.reportDurable("follower", in: term, upTo: last)
            }
            return .success(follower.lastLogged)
        } catch {
            return .failure(error)
        }
    }
}
