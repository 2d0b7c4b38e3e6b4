import Glibc
import Synchronization

/// A place in an arena, in units of eight bytes from its start; 0 is none.
typealias ArenaOffset = UInt32

/// One reserved region of memory from which a memtable's records and nodes are cut, never to be
/// moved or reused before all of it is freed. Pages cost memory once they are touched.
///
/// Only the writer cuts; whatever it cut is published to readers by a store-release elsewhere.
struct MemtableArena: ~Copyable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    private(set) var used: Int

    /// Reserves `capacity` bytes (at least 64 KiB, at most 32 GiB, the reach of an offset).
    init(capacity: Int) {
        let size = min(max(capacity, 64 << 10), 32 << 30) & ~4095
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let region = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0),
            region != MAP_FAILED
        else {
            fatalError("cannot reserve \(size) bytes of address space for a memtable")
        }
        base = region
        // Fewer page faults: ascending inserts cost a third less.
        madvise(region, size, MADV_HUGEPAGE)
        self.capacity = size
        used = 64
    }

    deinit { munmap(base, capacity) }

    @inline(__always) var free: Int { capacity &- used }

    /// Cuts `bytes` bytes, zeroed, at a multiple of `alignment` (a power of two, at least 8).
    /// The caller has made sure that they fit.
    @inline(__always)
    mutating func allocate(_ bytes: Int, alignment: Int = 8) -> ArenaOffset {
        let start = (used &+ alignment &- 1) & ~(alignment &- 1)
        used = (start &+ bytes &+ 7) & ~7
        precondition(used <= capacity, "memtable arena overrun")
        return ArenaOffset(truncatingIfNeeded: start >> 3)
    }
}

/// Loads and stores of the words that the writer shares with readers.
enum ArenaWord {
    @inline(__always)
    static func load64(_ place: UnsafeMutableRawPointer) -> UInt64 {
        place.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring)
    }

    @inline(__always)
    static func store64(_ place: UnsafeMutableRawPointer, _ value: UInt64) {
        place.assumingMemoryBound(to: Atomic<UInt64>.self).pointee
            .store(value, ordering: .releasing)
    }

    @inline(__always)
    static func load32(_ place: UnsafeMutableRawPointer) -> UInt32 {
        place.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .acquiring)
    }

    @inline(__always)
    static func store32(_ place: UnsafeMutableRawPointer, _ value: UInt32) {
        place.assumingMemoryBound(to: Atomic<UInt32>.self).pointee
            .store(value, ordering: .releasing)
    }
}
