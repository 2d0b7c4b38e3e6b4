import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

@Suite("The journal of failed requests") struct FailedJournalTests {
    @Test("gives back what is kept, as it is, and forgets what is settled")
    func roundTrip() throws {
        let world = try JournalWorld()
        var odd = JournalWorld.request(3, text: String(repeating: "é", count: 500))
        odd.send.replyTo = 12
        try world.append(.failed(JournalWorld.request(1)), .failed(JournalWorld.request(2)))
        try world.append(.failed(odd), .redriven(1))
        try world.append(.refused(2, reason: "forbidden: no"))
        for _ in 0..<3 {
            try world.open()
            #expect(world.contents.requests == world.sorted)
            #expect(world.contents.requests.map(\.id) == [2, 3])
            #expect(world.contents.lastID == 3)
        }
        try world.append(.dropped(2), .dropped(3))
        try world.open()
        #expect(world.contents.requests.isEmpty)
        #expect(world.contents.lastID == 3, "an id would be given out twice")
    }

    @Test("needs no room on the disk, but for its making")
    func fullDisk() throws {
        let world = try JournalWorld()
        try world.simulation.disk.leaveNoRoom()
        for id in 1..<300 as Range<UInt64> {
            try world.append(.failed(JournalWorld.request(id)))
            if id > 5 { try world.append(.redriven(id - 5)) }
        }
        try world.open()
        #expect(world.contents.requests == world.sorted)
        #expect(world.contents.requests.count == 5)
    }

    @Test("that is full refuses what is new, keeps the rest, and takes more when some is settled")
    func full() throws {
        let world = try JournalWorld()
        var id: UInt64 = 0
        do {
            while true {
                try world.append(
                    .failed(
                        JournalWorld.request(id + 1, text: String(repeating: "x", count: 400))))
                id += 1
            }
        } catch {
            #expect((error as? StoreError)?.code == .noSpace)
        }
        #expect(id > 8)
        try world.open()
        #expect(world.contents.requests == world.sorted)
        try world.append(.dropped(1))
        try world.append(
            .failed(JournalWorld.request(id + 1, text: String(repeating: "x", count: 400))))
        try world.open()
        #expect(world.contents.requests == world.sorted)
    }

    @Test("grows and shrinks with the configuration, unless what it holds would not fit")
    func sizes() throws {
        let world = try JournalWorld(bytes: 64 << 10)
        for id in 1..<40 as Range<UInt64> {
            try world.append(
                .failed(JournalWorld.request(id, text: String(repeating: "y", count: 300))))
        }
        let size = world.journal.capacity
        try world.open(bytes: 16 << 10)
        #expect(world.contents.requests == world.sorted)
        #expect(world.journal.capacity == size)
        try world.open(bytes: 256 << 10)
        #expect(world.contents.requests == world.sorted)
        #expect(world.journal.capacity > 2 * size)
        for id in 3..<40 as Range<UInt64> { try world.append(.redriven(id)) }
        try world.open(bytes: 16 << 10)
        #expect(world.contents.requests == world.sorted)
        #expect(world.journal.capacity < size)
    }

    @Test("says where something that was synced is damaged, and reads what is behind it")
    func damage() throws {
        let world = try JournalWorld()
        for id in 1...4 as ClosedRange<UInt64> {
            try world.append(.failed(JournalWorld.request(id)))
        }
        world.simulation.disk.flipBit(world.path(0), offset: 1_024 + 40)
        try world.open()
        #expect(world.contents.damaged.map(\.offset) == [1_024])
        #expect(world.contents.damaged.first?.path == world.path(0))
        #expect(world.contents.requests.map(\.id) == [2, 3, 4])
        try world.open()
        #expect(world.contents.damaged.isEmpty)
        // All of this file was there when its head was written: its last record is no torn end.
        world.simulation.disk.flipBit(world.path(0), offset: 1_024 + 40)
        let last = 1_024 + 2 * JournalRecord.padded(32 + 44 + 2 + 16 + 5)
        world.simulation.disk.flipBit(world.path(0), offset: last + 40)
        try world.open()
        #expect(world.contents.damaged.count == 2)
        #expect(world.contents.requests.map(\.id) == [3])
    }

    @Test("is read from either copy of its head, and damage to both is told")
    func head() throws {
        let world = try JournalWorld()
        try world.append(.failed(JournalWorld.request(1)))
        world.simulation.disk.flipBit(world.path(0), offset: 20)
        try world.open()
        #expect(world.contents.requests == world.sorted)
        for offset in [20, 532] { world.simulation.disk.flipBit(world.path(1), offset: offset) }
        try world.open()
        #expect(world.contents.damaged.map(\.path) == [world.path(1)])
        #expect(world.contents.requests == world.sorted, "the older file still had it")
    }

    @Test("of a newer version is not touched")
    func newer() throws {
        let world = try JournalWorld()
        var bytes = try #require(world.simulation.disk.contents(of: world.path(0)))
        bytes[8] = 2
        let checksum = bytes[..<40].withUnsafeBytes { Checksum.crc32c($0) }
        for index in 0..<4 {
            bytes[40 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * index))
        }
        world.simulation.disk.replace(world.path(0), with: bytes)
        do {
            try world.open()
            Issue.record("it was opened")
        } catch {
            #expect((error as? StoreError)?.code == .unsupported)
        }
        #expect(world.simulation.disk.contents(of: world.path(0)) == bytes)
    }
}
