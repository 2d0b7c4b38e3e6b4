/// Uncompressed blocks of tables, shared by all readers of a process.
///
/// Sixteen shards, each with one short lock; a lookup allocates nothing. A shard keeps what was
/// used again after it came in: one scan through much data does not push out what is read often.
package final class BlockCache: Sendable {
    /// Counts since the cache was made, and what it holds now.
    package struct Statistics: Sendable, Equatable {
        package var hits: UInt64 = 0
        package var misses: UInt64 = 0
        package var insertedBytes: UInt64 = 0
        package var evictedBytes: UInt64 = 0
        /// Bytes held now.
        package var bytes = 0
        /// Blocks held now.
        package var blocks = 0
    }

    package static let shardCount = 16

    package let budget: MemoryBudget
    private let shards: [CacheShard]

    package init(budget: MemoryBudget) {
        self.budget = budget
        shards = (0..<BlockCache.shardCount).map { _ in CacheShard() }
    }

    /// The block at `offset` of the table, if it is held.
    @inline(__always)
    package func find(table: UInt64, offset: UInt64) -> CachedBlock? {
        let hash = BlockCache.hash(table, offset)
        return shards[Int(hash >> 60)].find(table: table, offset: offset, hash: hash)
    }

    /// Takes `block` in and lets others go so that the cache stays within its budget. A block
    /// bigger than a shard's share is not taken.
    package func insert(_ block: CachedBlock, table: UInt64, offset: UInt64) {
        let hash = BlockCache.hash(table, offset)
        shards[Int(hash >> 60)].insert(
            block, table: table, offset: offset, hash: hash, capacity: shardCapacity)
    }

    /// Lets blocks go until the cache fits its budget again: call it after a large reservation.
    package func trim() {
        for shard in shards { shard.trim(to: shardCapacity) }
    }

    /// Forgets the blocks of a table whose file is gone.
    package func removeAll(table: UInt64) {
        for shard in shards { shard.removeAll(table: table) }
    }

    package var statistics: Statistics {
        var sum = Statistics()
        for shard in shards { shard.add(to: &sum) }
        return sum
    }

    private var shardCapacity: Int { budget.cacheCapacity / BlockCache.shardCount }

    @inline(__always)
    private static func hash(_ table: UInt64, _ offset: UInt64) -> UInt64 {
        let mixed = (table ^ (offset &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
        let folded = mixed ^ (mixed >> 32)
        return folded &* 0xD6E8_FEB8_6659_FD93
    }
}
