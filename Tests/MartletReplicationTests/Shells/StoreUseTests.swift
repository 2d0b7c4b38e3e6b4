import Glibc
import MartletStore
import Synchronization
import Testing

@testable import MartletReplication

/// What a reader of a follower's store was told, in order.
private final class Told: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var use: StoreUse {
        StoreUse(
            opened: { store in self.add("opened up to \(store.lastLogged)") },
            closing: { self.add("closing") },
            applied: { records in self.add("applied \(records.count)") })
    }

    private func add(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Whoever reads a follower's store") struct StoreUseTests {
    private let root: String
    private let primary: Store
    private let told = Told()
    private let storage: StoreFollower

    /// A follower that has the first 3 of what is written.
    init() throws {
        var template = Array("/tmp/martlet-use-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError(.io, "no directory") }
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        primary = try Store.open(at: "\(root)/one")
        _ = try primary.createTable("notes", families: [FamilySchema("v")])
        try Self.write(primary, 0..<3)
        _ = try primary.checkpoint(at: "\(root)/seed")
        try Store.installSeed(from: "\(root)/seed", at: "\(root)/two")
        storage = try StoreFollower(
            "\(root)/two", options: StoreOptions(), use: told.use, environment: .system)
    }

    private static func write(_ store: Store, _ rows: Range<Int>) throws {
        let family = try store.table("notes").family("v")
        for row in rows {
            var batch = WriteBatch()
            try batch.put(family, row: "row-\(row)", qualifier: "q", value: "value-\(row)")
            try store.write(batch, durability: .written)
        }
    }

    /// What the primary has and the follower lacks.
    private func records() throws -> [ShippedRecord] {
        let tail = LogTail(
            Environment.system.fileSystem, directory: "\(root)/one/log", storeID: primary.id,
            next: storage.state().lastSequence + 1)
        return try tail.read(upTo: nil, bytes: 1 << 20)
    }

    private func expectDone(_ work: FollowerWork) {
        guard case .done = storage.perform(work) else {
            Issue.record("\(work) was not done")
            return
        }
    }

    @Test("is told what was applied, and lets go before the log is cut")
    func cut() throws {
        try Self.write(primary, 3..<8)
        expectDone(.append(try records()))
        #expect(told.all == ["opened up to 3", "applied 5"])
        expectDone(.truncate(after: 6))
        #expect(told.all.dropFirst(2) == ["closing", "opened up to 6"])
        try storage.close()
    }

    @Test("lets go before a term that voids clients' cursors, and stays for one that keeps them")
    func terms() throws {
        let first = try #require(primary.terms.current)
        let kept = Term(
            epoch: first.epoch + 1, incarnation: 7, firstSequence: 4, keepsCursors: true)
        expectDone(.promise(try TermHistory([first, kept])))
        expectDone(.begin(kept))
        #expect(told.all == ["opened up to 3"])
        let broken = Term(
            epoch: first.epoch + 2, incarnation: 8, firstSequence: 4, keepsCursors: false)
        var history = try #require(storage.store?.terms)
        try history.begin(broken)
        expectDone(.promise(history))
        expectDone(.begin(broken))
        #expect(told.all.dropFirst() == ["closing", "opened up to 3"])
        #expect(storage.store?.cursorEpoch == broken.epoch)
        try storage.close()
    }

    @Test("gets the store that a promotion hands over, open")
    func handOver() throws {
        let store = try #require(storage.handOver())
        #expect(storage.store == nil)
        _ = try store.promote(keepsCursors: true)
        try Self.write(store, 3..<5)
        #expect(store.lastLogged == 5)
        try storage.close()
        try Self.write(store, 5..<6)
        try store.close()
    }
}
