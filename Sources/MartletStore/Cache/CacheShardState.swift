/// A held block and its place in a queue.
struct CacheEntry {
    var table: UInt64
    var offset: UInt64
    var hash: UInt64
    /// Holds one reference count while the entry is in use.
    var block: Unmanaged<CachedBlock>
    /// The next younger entry of the queue, the next free slot, or -1.
    var younger: Int32
    /// The next older entry of the queue, or -1.
    var older: Int32
    var inMain: Bool
    /// Uses since it came in or went round, at most 3.
    var uses: UInt8
}

/// A queue of entries, linked by slot numbers.
struct CacheQueue {
    var oldest: Int32 = -1
    var youngest: Int32 = -1
    var bytes = 0
}

/// What a shard's lock guards: entries, an open-addressed table of slots, two queues, ghosts.
struct CacheShardState: ~Copyable {
    var entries: UnsafeMutablePointer<CacheEntry>
    private var capacity = 64
    private var free: Int32 = -1
    private var used = 0
    /// Slot + 1 by hash, 0 for nothing; linear probing, at most half full.
    private var table: UnsafeMutablePointer<Int32>
    private var mask = 127
    /// Hash and time of blocks that left the small queue unused, by hash.
    private var ghosts: UnsafeMutablePointer<UInt64>
    private var ghostTime: UInt32 = 0
    private var small = CacheQueue()
    private var main = CacheQueue()

    var count = 0
    var hits: UInt64 = 0
    var misses: UInt64 = 0
    var insertedBytes: UInt64 = 0
    var evictedBytes: UInt64 = 0
    var bytes: Int { small.bytes + main.bytes }

    init() {
        entries = .allocate(capacity: 64)
        table = .allocate(capacity: 128)
        table.initialize(repeating: 0, count: 128)
        ghosts = .allocate(capacity: 128)
        ghosts.initialize(repeating: 0, count: 128)
    }

    func deallocate() {
        entries.deallocate()
        table.deallocate()
        ghosts.deallocate()
    }

    @inline(__always)
    func slot(_ tableID: UInt64, _ offset: UInt64, _ hash: UInt64) -> Int32? {
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = table[place] &- 1
            if slot < 0 { return nil }
            let entry = entries + Int(slot)
            if entry.pointee.offset == offset, entry.pointee.table == tableID { return slot }
            place = (place &+ 1) & mask
        }
    }

    mutating func insert(_ block: CachedBlock, table tableID: UInt64, offset: UInt64, hash: UInt64)
    {
        if free < 0, used == capacity { grow() }
        let slot: Int32
        if free >= 0 {
            slot = free
            free = entries[Int(slot)].younger
        } else {
            slot = Int32(used)
            used += 1
        }
        let known = isGhost(hash)
        (entries + Int(slot)).initialize(
            to: CacheEntry(
                table: tableID, offset: offset, hash: hash, block: .passRetained(block),
                younger: -1, older: -1, inMain: known, uses: 0))
        link(slot, charge: block.charge)
        place(slot, hash)
        count += 1
        insertedBytes += UInt64(block.charge)
    }

    /// Takes out the block that is worth least; nil if there is none.
    mutating func popVictim() -> CachedBlock? {
        while count > 0 {
            // The small queue has a tenth of the bytes.
            let fromSmall = small.oldest >= 0 && (small.bytes * 10 >= bytes || main.oldest < 0)
            let slot = fromSmall ? small.oldest : main.oldest
            let entry = entries + Int(slot)
            let charge = entry.pointee.block._withUnsafeGuaranteedRef { $0.charge }
            guard entry.pointee.uses > 0 else {
                if fromSmall { remember(entry.pointee.hash) }
                return remove(slot, charge: charge)
            }
            detach(slot, charge: charge)
            entry.pointee.uses = fromSmall ? 0 : entry.pointee.uses - 1
            entry.pointee.inMain = true
            link(slot, charge: charge)
        }
        return nil
    }

    mutating func removeAll(table tableID: UInt64, into removed: inout [CachedBlock]) {
        for slot in [small.oldest, main.oldest] {
            var slot = slot
            while slot >= 0 {
                let next = entries[Int(slot)].younger
                if entries[Int(slot)].table == tableID {
                    let charge = entries[Int(slot)].block._withUnsafeGuaranteedRef { $0.charge }
                    removed.append(remove(slot, charge: charge))
                }
                slot = next
            }
        }
    }

    private mutating func remove(_ slot: Int32, charge: Int) -> CachedBlock {
        let entry = entries + Int(slot)
        detach(slot, charge: charge)
        displace(slot, entry.pointee.hash)
        entry.pointee.younger = free
        free = slot
        count -= 1
        evictedBytes += UInt64(charge)
        return entry.pointee.block.takeRetainedValue()
    }
}

extension CacheShardState {
    private mutating func link(_ slot: Int32, charge: Int) {
        let entry = entries + Int(slot)
        var queue = entry.pointee.inMain ? main : small
        entry.pointee.older = queue.youngest
        entry.pointee.younger = -1
        if queue.youngest >= 0 {
            entries[Int(queue.youngest)].younger = slot
        } else {
            queue.oldest = slot
        }
        queue.youngest = slot
        queue.bytes += charge
        if entry.pointee.inMain { main = queue } else { small = queue }
    }

    private mutating func detach(_ slot: Int32, charge: Int) {
        let entry = entries[Int(slot)]
        var queue = entry.inMain ? main : small
        if entry.older >= 0 {
            entries[Int(entry.older)].younger = entry.younger
        } else {
            queue.oldest = entry.younger
        }
        if entry.younger >= 0 {
            entries[Int(entry.younger)].older = entry.older
        } else {
            queue.youngest = entry.older
        }
        queue.bytes -= charge
        if entry.inMain { main = queue } else { small = queue }
    }

    private mutating func place(_ slot: Int32, _ hash: UInt64) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != 0 { place = (place &+ 1) & mask }
        table[place] = slot + 1
    }

    /// Empties the slot's place in the hash table and moves later ones of its run up.
    private mutating func displace(_ slot: Int32, _ hash: UInt64) {
        var hole = Int(truncatingIfNeeded: hash) & mask
        while table[hole] != slot + 1 { hole = (hole &+ 1) & mask }
        var place = hole
        while true {
            place = (place &+ 1) & mask
            guard table[place] != 0 else { break }
            let home = Int(truncatingIfNeeded: entries[Int(table[place]) - 1].hash) & mask
            if (place &- home) & mask >= (place &- hole) & mask {
                table[hole] = table[place]
                hole = place
            }
        }
        table[hole] = 0
    }

    private mutating func grow() {
        let bigger = UnsafeMutablePointer<CacheEntry>.allocate(capacity: capacity * 2)
        bigger.moveInitialize(from: entries, count: capacity)
        entries.deallocate()
        entries = bigger
        capacity *= 2
        table.deallocate()
        mask = capacity * 2 - 1
        table = .allocate(capacity: mask + 1)
        table.initialize(repeating: 0, count: mask + 1)
        ghosts.deallocate()
        ghosts = .allocate(capacity: mask + 1)
        ghosts.initialize(repeating: 0, count: mask + 1)
        for slot in 0..<used { place(Int32(slot), entries[slot].hash) }
    }

    /// A ghost is forgotten after as many others as there are entries.
    private func isGhost(_ hash: UInt64) -> Bool {
        let ghost = ghosts[Int(truncatingIfNeeded: hash >> 20) & mask]
        guard ghost != 0, ghost >> 32 == hash & 0xFFFF_FFFF else { return false }
        return ghostTime &- UInt32(truncatingIfNeeded: ghost) <= UInt32(max(count, 16))
    }

    private mutating func remember(_ hash: UInt64) {
        ghostTime &+= 1
        ghosts[Int(truncatingIfNeeded: hash >> 20) & mask] = hash << 32 | UInt64(ghostTime)
    }
}
