/// A node of the memtable's tree: a view of its bytes in the arena.
///
///     0   permutation u64 (atomic): count in bits 0-3, slot of the i-th entry in bits 4+4i ...
///     7+4i 8   next leaf u32, 12 previous leaf u32 (atomic; leaves only)
///     16  head rule u32, 20 low fence u32, 24 high fence u32 (records; the writer's), 28 level u32
///     32  heads, 15 x u64
///     152 records (of the cell, or of the child's first cell), 15 x u32
///     212 children, 15 x u32 (atomic; inner nodes only)
///
/// A slot is written once, before the permutation that names it is published, and not again (but
/// for the child word, which is swapped when the child is replaced). Published slots are 0 ..<
/// count.
struct MemtableNode {
    static let slots = 15
    static let leafSize = 216
    static let innerSize = 272

    let pointer: UnsafeMutableRawPointer

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer, _ offset: ArenaOffset) {
        pointer = base + Int(offset) &* 8
    }

    @inline(__always)
    var permutation: Permutation {
        get { Permutation(bits: ArenaWord.load64(pointer)) }
        nonmutating set { ArenaWord.store64(pointer, newValue.bits) }
    }

    @inline(__always)
    var next: ArenaOffset {
        get { ArenaWord.load32(pointer + 8) }
        nonmutating set { ArenaWord.store32(pointer + 8, newValue) }
    }

    @inline(__always)
    var previous: ArenaOffset {
        get { ArenaWord.load32(pointer + 12) }
        nonmutating set { ArenaWord.store32(pointer + 12, newValue) }
    }

    @inline(__always)
    var headRule: HeadRule {
        get { HeadRule(bits: pointer.load(fromByteOffset: 16, as: UInt32.self)) }
        nonmutating set {
            pointer.storeBytes(of: newValue.bits, toByteOffset: 16, as: UInt32.self)
        }
    }

    @inline(__always)
    var lowFence: ArenaOffset {
        get { pointer.load(fromByteOffset: 20, as: UInt32.self) }
        nonmutating set { pointer.storeBytes(of: newValue, toByteOffset: 20, as: UInt32.self) }
    }

    @inline(__always)
    var highFence: ArenaOffset {
        get { pointer.load(fromByteOffset: 24, as: UInt32.self) }
        nonmutating set { pointer.storeBytes(of: newValue, toByteOffset: 24, as: UInt32.self) }
    }

    @inline(__always)
    var level: UInt32 {
        get { pointer.load(fromByteOffset: 28, as: UInt32.self) }
        nonmutating set { pointer.storeBytes(of: newValue, toByteOffset: 28, as: UInt32.self) }
    }

    @inline(__always)
    func head(_ slot: Int) -> UInt64 {
        pointer.load(fromByteOffset: 32 &+ slot &* 8, as: UInt64.self)
    }

    @inline(__always)
    func record(_ slot: Int) -> ArenaOffset {
        pointer.load(fromByteOffset: 152 &+ slot &* 4, as: UInt32.self)
    }

    /// Fills a slot that no published permutation names.
    @inline(__always)
    func fill(_ slot: Int, head: UInt64, record: ArenaOffset) {
        pointer.storeBytes(of: head, toByteOffset: 32 &+ slot &* 8, as: UInt64.self)
        pointer.storeBytes(of: record, toByteOffset: 152 &+ slot &* 4, as: UInt32.self)
    }

    @inline(__always)
    func child(_ slot: Int) -> ArenaOffset { ArenaWord.load32(pointer + (212 &+ slot &* 4)) }

    @inline(__always)
    func setChild(_ slot: Int, _ child: ArenaOffset) {
        ArenaWord.store32(pointer + (212 &+ slot &* 4), child)
    }

    /// How many entries of `permutation` sort before `position` (or before and with it, if
    /// `through`). Heads decide, without a branch per slot; only among equal heads are cells read.
    @inline(__always)
    func rank(
        _ base: UnsafeMutableRawPointer, _ permutation: Permutation, _ position: CellPosition,
        through: Bool
    ) -> Int {
        let wanted = headRule.head(position)
        var below = 0
        var notAbove = 0
        for slot in 0..<permutation.count {
            let head = head(slot)
            below &+= head < wanted ? 1 : 0
            notAbove &+= head <= wanted ? 1 : 0
        }
        while below < notAbove {
            let middle = (below &+ notAbove) >> 1
            let record = record(permutation[middle])
            let order =
                record == 0
                ? -1 : CellOrder.compare(MemtableRecord(base, record).position, position)
            if order < 0 || (through && order == 0) {
                below = middle &+ 1
            } else {
                notAbove = middle
            }
        }
        return below
    }

    /// Index (in the permutation) of the child whose range holds `position`.
    @inline(__always)
    func childIndex(
        _ base: UnsafeMutableRawPointer, _ permutation: Permutation, _ position: CellPosition
    ) -> Int {
        max(rank(base, permutation, position, through: true), 1) &- 1
    }
}

/// The order of a node's slots, in one word, so that one store publishes an insertion.
struct Permutation {
    var bits: UInt64

    @inline(__always) var count: Int { Int(truncatingIfNeeded: bits & 15) }

    /// The slot of the entry at `index` in order.
    @inline(__always)
    subscript(index: Int) -> Int {
        Int(truncatingIfNeeded: bits &>> UInt64(truncatingIfNeeded: 4 &+ 4 &* index)) & 15
    }

    /// Slots 0 ..< `count` in order.
    static func identity(_ count: Int) -> Permutation {
        var bits = UInt64(count)
        for index in 0..<count { bits |= UInt64(index) << UInt64(4 + 4 * index) }
        return Permutation(bits: bits)
    }

    /// With slot `count` (the next free one) entered at `index`. There must be a free one.
    @inline(__always)
    func inserting(at index: Int) -> Permutation {
        let shift = UInt64(truncatingIfNeeded: 4 &+ 4 &* index)
        let mask: UInt64 = (1 &<< shift) &- 1
        let slot = bits & 15
        let moved = (bits & ~mask) &<< 4
        return Permutation(bits: ((bits & mask) | moved | slot &<< shift) &+ 1)
    }
}

/// Which eight bytes of a cell's place a node compares first.
///
/// All cells of a node lie between its fences, so they share what the fences share: the rule skips
/// that. In the low 30 bits the bytes skipped; bits 30-31 say of what: 0 the row, 1 the qualifier
/// (all rows are equal), 2 the timestamp (rows and qualifiers are).
struct HeadRule: Equatable {
    var bits: UInt32

    /// The rule for cells between two records; 0 stands for an open end.
    init(_ base: UnsafeMutableRawPointer, low: ArenaOffset, high: ArenaOffset) {
        guard low != 0, high != 0 else {
            bits = 0
            return
        }
        let (low, high) = (MemtableRecord(base, low), MemtableRecord(base, high))
        let rows = Self.commonPrefix(low.row, high.row)
        if rows < low.row.count || rows < high.row.count {
            bits = UInt32(rows)
            return
        }
        let qualifiers = Self.commonPrefix(low.qualifier, high.qualifier)
        let differ = qualifiers < low.qualifier.count || qualifiers < high.qualifier.count
        bits = differ ? 1 << 30 | UInt32(qualifiers) : 2 << 30
    }

    init(bits: UInt32) { self.bits = bits }

    /// The head of a place between the fences.
    @inline(__always)
    func head(_ position: CellPosition) -> UInt64 {
        switch bits >> 30 {
        case 0: Self.head(position.row, skipping: Int(bits))
        case 1: Self.head(position.qualifier, skipping: Int(bits & (1 << 30 - 1)))
        default: ~position.timestamp
        }
    }

    @inline(__always)
    private static func head(_ bytes: UnsafeRawBufferPointer, skipping count: Int) -> UInt64 {
        let rest = bytes.count &- count
        guard rest > 0, let start = bytes.baseAddress else { return 0 }
        return CellOrder.head(UnsafeRawBufferPointer(start: start + count, count: rest))
    }

    private static func commonPrefix(
        _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer
    ) -> Int {
        let limit = min(a.count, b.count)
        var count = 0
        while count < limit, a[count] == b[count] { count += 1 }
        return count
    }
}
