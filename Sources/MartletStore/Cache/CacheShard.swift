/// One shard of the block cache: S3-FIFO (Yang et al., SOSP 2023).
///
/// A new block enters the small queue. At its end it moves to the main queue if it was used again,
/// else it leaves, remembered as a ghost; a block that comes back while remembered enters the main
/// queue at once. At the end of the main queue a used block goes round again.
///
/// `@unchecked Sendable`: all mutable state is behind `state`, which is only touched while
/// `monitor` is locked (or in `deinit`, where no other reference is left).
final class CacheShard: @unchecked Sendable {
    private let monitor = Monitor()
    private let state: UnsafeMutablePointer<CacheShardState>

    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: CacheShardState())
    }

    deinit {
        while state.pointee.popVictim() != nil {}
        state.pointee.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    @inline(__always)
    func find(table: UInt64, offset: UInt64, hash: UInt64) -> CachedBlock? {
        monitor.lock()
        defer { monitor.unlock() }
        guard let slot = state.pointee.slot(table, offset, hash) else {
            state.pointee.misses &+= 1
            return nil
        }
        state.pointee.hits &+= 1
        let entry = state.pointee.entries + Int(slot)
        if entry.pointee.uses < 3 { entry.pointee.uses &+= 1 }
        return entry.pointee.block.takeUnretainedValue()
    }

    func insert(_ block: CachedBlock, table: UInt64, offset: UInt64, hash: UInt64, capacity: Int) {
        guard block.charge <= capacity else { return }
        // First make room, so that the shard is never above its share.
        trim(to: capacity - block.charge)
        monitor.withLock {
            if state.pointee.slot(table, offset, hash) == nil {
                state.pointee.insert(block, table: table, offset: offset, hash: hash)
            }
        }
        trim(to: capacity)
    }

    func trim(to capacity: Int) {
        while true {
            // The victim's memory is freed after the lock is released.
            let victim = monitor.withLock {
                state.pointee.bytes > capacity ? state.pointee.popVictim() : nil
            }
            guard let victim else { return }
            _ = consume victim
        }
    }

    func removeAll(table: UInt64) {
        var removed: [CachedBlock] = []
        monitor.withLock { state.pointee.removeAll(table: table, into: &removed) }
    }

    func add(to sum: inout BlockCache.Statistics) {
        monitor.withLock {
            sum.hits += state.pointee.hits
            sum.misses += state.pointee.misses
            sum.insertedBytes += state.pointee.insertedBytes
            sum.evictedBytes += state.pointee.evictedBytes
            sum.bytes += state.pointee.bytes
            sum.blocks += state.pointee.count
        }
    }
}
