import CMartlet
import Glibc
import Synchronization

/// A place in an arena, in units of eight bytes from its start; 0 is none.
typealias ArenaOffset = UInt32

/// One reserved region of memory from which a memtable's records and nodes are cut, never to be
/// moved or reused before all of it is freed. Pages cost memory once they are touched.
///
/// A huge page saves the writer hundreds of faults, but the one fault that is left takes as long as
/// zeroing 2 MiB: milliseconds on a virtual machine, in which nothing is committed. So the pages
/// that come next are made by another thread (`nextPiece`), and the first ones are small: most
/// memtables of an idle store need few.
///
/// Only the writer cuts; whatever it cut is published to readers by a store-release elsewhere.
struct MemtableArena: ~Copyable {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    private(set) var used: Int
    /// Up to here pages were given out by `nextPiece`.
    private var asked = 0
    /// From here on pages are huge.
    private let firstHuge: Int

    private static let hugePage = 2 << 20
    /// Pages are asked for that long before the writer comes there.
    static let ahead = 1 << 20

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
        let start = Int(bitPattern: region) + Self.ahead / 4
        let boundary = (start + Self.hugePage - 1) & ~(Self.hugePage - 1)
        firstHuge = min(boundary - Int(bitPattern: region), size)
        // Fewer page faults: ascending inserts cost a third less.
        madvise(region + firstHuge, size - firstHuge, MADV_HUGEPAGE)
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

extension MemtableArena {
    /// The next pages, in bytes from the start, that the writer will come to soon: each are given
    /// out once, in order. `nil` if there are enough.
    mutating func nextPiece() -> Range<Int>? {
        let start = max(asked, used & ~4095)
        guard start < min(used + Self.ahead, capacity) else { return nil }
        let end =
            start < firstHuge
            ? min(start + Self.ahead / 2, firstHuge)
            : firstHuge + ((start - firstHuge) / Self.hugePage + 1) * Self.hugePage
        asked = min(end, capacity)
        return start..<asked
    }

    /// Makes the pages of a piece. Any thread, also while the writer is there.
    static func makePages(_ piece: Range<Int>, of base: UnsafeMutableRawPointer) {
        // Where the kernel is too old for it they are made when they are touched.
        _ = martlet_make_pages(base + piece.lowerBound, piece.count)
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
