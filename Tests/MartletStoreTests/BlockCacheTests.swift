import Testing

@testable import MartletStore

@Suite("The block cache")
struct BlockCacheTests {
    private func block(_ count: Int, _ mark: UInt8 = 0) throws -> CachedBlock {
        try CachedBlock(capacity: count) { target in
            for index in target.indices { target[index] = mark }
            return count
        }
    }

    @Test("gives back what was put in, and only under its own key")
    func find() throws {
        let cache = BlockCache(budget: MemoryBudget(total: 1 << 20))
        for offset in 0..<200 {
            cache.insert(try block(16, UInt8(offset)), table: 1, offset: UInt64(offset) * 4096)
        }
        for offset in 0..<200 {
            let found = cache.find(table: 1, offset: UInt64(offset) * 4096)
            #expect(found?.bytes.first == UInt8(offset))
            #expect(cache.find(table: 2, offset: UInt64(offset) * 4096) == nil)
        }
        #expect(cache.statistics.hits == 200)
        #expect(cache.statistics.misses == 200)
        cache.removeAll(table: 1)
        #expect(cache.statistics.blocks == 0)
        #expect(cache.statistics.bytes == 0)
    }

    @Test("stays within its budget, and gives way to reservations")
    func budget() throws {
        let budget = MemoryBudget(total: 1 << 20)
        let cache = BlockCache(budget: budget)
        var random = TestRandom(5)
        for step in 0..<5000 {
            let size = Int.random(in: 1...6000, using: &random)
            let key = UInt64.random(in: 0..<700, using: &random)
            if cache.find(table: key, offset: 0) == nil {
                cache.insert(try block(size), table: key, offset: 0)
            }
            #expect(cache.statistics.bytes <= 1 << 20, "step \(step)")
        }
        #expect(cache.statistics.bytes > 1 << 19)
        budget.reserve(1_000_000)
        cache.trim()
        #expect(cache.statistics.bytes <= budget.cacheCapacity)
        budget.reserve(1_000_000)
        cache.trim()
        #expect(cache.statistics.blocks == 0)
        budget.release(2_000_000)
        #expect(budget.cacheCapacity == 1 << 20)
        cache.insert(try block(1 << 19), table: 1, offset: 0)
        #expect(cache.statistics.blocks == 0, "a block beyond a shard's share is not taken")
    }

    @Test("a scan through ten times its size does not push out what is used often")
    func scan() throws {
        let cache = BlockCache(budget: MemoryBudget(total: 4 << 20))
        func touch(_ table: UInt64, _ number: UInt64) throws -> Bool {
            if cache.find(table: table, offset: number * 4096) != nil { return true }
            cache.insert(try block(4000), table: table, offset: number * 4096)
            return false
        }
        for _ in 0..<4 {
            for number in 0..<300 { _ = try touch(1, UInt64(number)) }
        }
        for number in 0..<10_000 { _ = try touch(2, UInt64(number)) }
        var kept = 0
        for number in 0..<300 where try touch(1, UInt64(number)) { kept += 1 }
        #expect(kept > 270)
    }

    @Test("reads that do not fill it leave it as it is")
    func withoutFilling() throws {
        var random = TestRandom(8)
        let file = MemoryFile()
        try TableModel.write(
            TableModel.cells(500, &random), to: file,
            TableSettings(tableID: 1, fileNumber: 1, tree: 1, blockSize: 512))
        let budget = MemoryBudget(total: 1 << 20)
        let cache = BlockCache(budget: budget)
        var table: TableReader? = try TableReader.open(file: file, cache: cache)
        #expect(budget.reserved > 0)
        for fillCache in [false, true] {
            let cursor = table?.makeCursor(fillCache: fillCache)
            try cursor?.seekToFirst()
            while cursor?.isValid == true { try cursor?.next() }
            #expect((cache.statistics.insertedBytes > 0) == fillCache)
        }
        table = nil
        #expect(budget.reserved == 0)
    }
}
