import Glibc
import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Pages of a memtable") struct MemtablePagesTests {
    @Test("are asked for in order, each once, before the writer is there")
    func ahead() {
        var arena = MemtableArena(capacity: 24 << 20)
        var pieces: [Range<Int>] = []
        while arena.free > 256 << 10 {
            _ = arena.allocate(256 << 10)
            while let piece = arena.nextPiece() { pieces.append(piece) }
            let reached = pieces.last?.upperBound ?? 0
            #expect(reached >= min(arena.used + MemtableArena.ahead, arena.capacity))
        }
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        #expect(pieces.allSatisfy { $0.lowerBound % 4096 == 0 && $0.count <= 2 << 20 })
        #expect(pieces.last?.upperBound == arena.capacity)
        #expect(arena.nextPiece() == nil)
    }

    @Test("are there once they are made, before the writer has touched them")
    func made() throws {
        var arena = MemtableArena(capacity: 24 << 20)
        let next = arena.nextPiece()
        let piece = try #require(next)
        let base = arena.base
        #expect(!isThere(base + piece.upperBound - 4096))
        MemtableArena.makePages(piece, of: base)
        #expect(isThere(base + piece.lowerBound) && isThere(base + piece.upperBound - 4096))
        #expect(!isThere(base + piece.upperBound))
        // Until here the region must be.
        #expect(arena.free > 0)
    }

    /// Whether the page at `place` is in memory (mincore).
    private func isThere(_ place: UnsafeMutableRawPointer) -> Bool {
        var state: UInt8 = 0
        return mincore(place, 4096, &state) == 0 && state & 1 == 1
    }

    @Test("what is written before they are made stays, and so does the memtable until they are")
    func late() throws {
        let executor = SimulatedExecutor()
        let value = [UInt8](repeating: 7, count: 100 << 10)
        weak var released: Memtable?
        do {
            let memtable = Memtable(capacity: 8 << 20)
            released = memtable
            for number in 0..<40 {
                let isIn = [UInt8](String(number).utf8).withUnsafeBytes { row in
                    value.withUnsafeBytes { value in
                        memtable.insert(
                            row: row, qualifier: UnsafeRawBufferPointer(start: nil, count: 0),
                            timestamp: 1, trailer: UInt64(number + 1) << 8, value: value)
                    }
                }
                #expect(isIn)
                memtable.prepare(executor)
            }
            #expect(executor.waiting > 3)
            executor.runAll()
            var cursor = memtable.makeCursor()
            cursor.seekToFirst()
            var count = 0
            while cursor.isValid {
                #expect(cursor.cell.value.allSatisfy { $0 == 7 })
                count += 1
                cursor.next()
            }
            #expect(count == 40)
            memtable.prepare(executor)
        }
        executor.runAll()
        #expect(released == nil)
    }

    @Test("of a store are asked for only where there is more than a little")
    func store() throws {
        let simulation = Simulation(seed: 1)
        let store = try Store.open(at: "/store", environment: simulation.environment)
        let family = try store.createTable("t", families: [FamilySchema("f")]).family("f")
        func put(_ row: String, bytes: Int) throws {
            var batch = WriteBatch()
            try batch.put(
                family, row: [UInt8](row.utf8), qualifier: [],
                value: [UInt8](repeating: 1, count: bytes))
            try store.write(batch, durability: .written)
        }
        try put("a", bytes: 100)
        try put("b", bytes: 100)
        simulation.executor.runAll()
        #expect(simulation.executor.waiting == 0)
        try put("c", bytes: 300 << 10)
        try put("d", bytes: 100)
        #expect(simulation.executor.waiting > 0)
        try store.close()
    }
}
