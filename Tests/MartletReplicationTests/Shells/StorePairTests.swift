import Glibc
import MartletStore
import Testing

@testable import MartletReplication

@Suite("Two real stores, with sockets between them") struct StorePairTests {
    /// A directory that is new.
    private static func directory() throws -> String {
        var template = Array("/tmp/martlet-pair-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError(.io, "no directory") }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func write(
        _ store: Store, _ rows: Range<Int>, _ durability: Durability = .synced
    ) throws {
        let family = try store.table("notes").family("v")
        for row in rows {
            var batch = WriteBatch()
            try batch.put(family, row: "row-\(row)", qualifier: "q", value: "value-\(row)")
            try store.write(batch, durability: durability)
        }
    }

    private static func rows(_ store: Store) throws -> Int {
        let scanner = try store.scan(try store.table("notes").family("v"), .prefix("row-"))
        var count = 0
        while try scanner.next() != nil { count += 1 }
        return count
    }

    @Test("an empty follower is seeded, follows, is waited for, and is promoted")
    func story() async throws {
        let root = try Self.directory()
        let store = try Store.open(at: "\(root)/one")
        _ = try store.createTable("notes", families: [FamilySchema("v")])
        try Self.write(store, 0..<20)
        let notices = Notices()
        let primary = StorePrimary(store, replicas: 1, environment: .system)
        let link = LinkService("\(root)/one/replication.sock", storage: primary) {
            notices.add("server: \($0)")
        }
        try await link.start()
        var configuration = ShipperService.Configuration(host: "127.0.0.1", port: 0)
        configuration.socket = "\(root)/one/replication.sock"
        let shipper = try ShipperService(
            configuration, source: DirectorySource("\(root)/one", environment: .system),
            environment: .system
        ) { notices.add("shipper: \($0)") }
        let port = try await shipper.start()

        let storage = try StoreFollower(
            "\(root)/two", options: StoreOptions(), environment: .system)
        let follower = FollowerService(
            FollowerMachine.Settings(follower: storage.follower, name: "two", addresses: 1),
            addresses: [.init(host: "127.0.0.1", port: port)], tls: nil, storage: storage,
            environment: .system
        ) { notices.add("follower: \($0)") }
        follower.start()
        let isSeeded = try await ShellFixture.wait {
            storage.state().lastSequence == store.lastLogged
        }
        #expect(isSeeded, "\(notices.all)")

        // Attached: a write may ask for it now, and a family is made on the way.
        let isAttached = try await ShellFixture.wait { store.replication.attached == 1 }
        #expect(isAttached, "\(notices.all)")
        let isOpen = try await ShellFixture.wait { try primary.opens() }
        #expect(isOpen && store.readersWaitFor == 1, "\(notices.all)")
        _ = try store.createFamily(FamilySchema("w"), in: "notes")
        try Self.write(store, 20..<40, .replicated(1))
        #expect(storage.state().lastSequence == store.lastLogged)
        let copy = try #require(storage.store)
        #expect(try Self.rows(copy) == 40)
        #expect(copy.terms == store.terms)
        #expect(try await shipper.status().1.map(\.seeds) == [1])

        // The shipper goes on without the server, and says the same of its readers.
        let holds = try await ShellFixture.wait { storage.holdsWhatWasSeen }
        #expect(holds, "\(notices.all)")
        await link.stop()
        try store.close()
        let isAlone = try await ShellFixture.wait { notices.contain("the server is gone") }
        #expect(isAlone)
        let heard = try #require(try await follower.status().primary?.time)
        let hears = try await ShellFixture.wait {
            try await follower.status().primary?.time ?? 0 > heard + 2_000_000
        }
        #expect(hears && storage.holdsWhatWasSeen, "\(notices.all)")
        await follower.stop()
        await shipper.stop()
        let term = try copy.promote(keepsCursors: storage.holdsWhatWasSeen)
        #expect(term.epoch == 2)
        #expect(term.keepsCursors)
        try Self.write(copy, 40..<45)
        #expect(try Self.rows(copy) == 45)
        try storage.close()
    }
}
