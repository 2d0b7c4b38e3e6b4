/// The memtable's B+-tree: the writer's half. One thread at a time may use it.
///
/// A reader (`MemtableCursor`) takes no lock and never starts again. Why it is right:
///
/// Let a reader use sequence S, published after all entries <= S were inserted, and let T be the
/// time at which it begins a descent; T is after S was published. Call a node live from the moment
/// a parent, a neighbour or the root word leads to it until the last of these words was changed to
/// lead elsewhere; from then on the node is frozen: none of its words that a reader reads is ever
/// changed again.
///
/// 1. A live leaf holds, at any time >= T, every entry <= S of its range: they were inserted before
///    T, an insertion publishes with one store of the permutation, a permutation only gains
///    entries, and a split fills its new leaves before anything leads to them. (A leaf whose range
///    is narrowed at its right end keeps its entries; those beyond the new end are all new, so >
///    S.)
/// 2. Every node that the reader reaches was live at some time >= T. The root word at T leads to a
///    live node. A word read in a node that is still live leads to a node that is live, or is being
///    replaced by a splitter that began after T; a word read in a frozen node has the value it had
///    when the node froze, which by induction was at or after T, and led to a live node then.
/// 3. A descent reaches a leaf whose range holds what it looks for. A splitter publishes the right
///    half in the parent's permutation first and then swaps the child word from the whole to the
///    left half. So a reader that read an old permutation may find the left half under a child word
///    that meant the whole; it reads the permutation again after the child word, and if that
///    changed searches the node again. A node's permutation changes at most 14 times in its life:
///    the reader is wait-free.
/// 4. From leaf to leaf: a leaf's next and previous words always lead to a leaf that begins where
///    this one ends, or ends where it begins, in the state of one moment >= T; with (1) nothing <=
///    S is missed. The cursor reads a leaf's permutation once on entry, so that nothing is seen
///    twice.
///
/// Memory is given back only with the whole arena, which every reader keeps alive.
struct MemtableTree: ~Copyable {
    /// More than any one insertion can cut for nodes: two per level and a new root.
    static let splitReserve = 8 << 10
    /// Where in the arena the root word lies.
    static let rootWord = 8

    private(set) var arena: MemtableArena
    private var finger: ArenaOffset
    private var fingerLow: UInt64 = 0
    private var fingerHigh: UInt64 = .max
    private let hints = MemtableHints()

    init(capacity: Int) {
        arena = MemtableArena(capacity: capacity)
        let leaf = arena.allocate(MemtableNode.leafSize)
        let root = arena.allocate(MemtableNode.innerSize)
        finger = leaf
        let node = MemtableNode(arena.base, root)
        node.level = 1
        node.fill(0, head: 0, record: 0)
        node.setChild(0, leaf)
        node.permutation = .identity(1)
        ArenaWord.store32(arena.base + Self.rootWord, root)
    }

    mutating func nextPiece() -> Range<Int>? { arena.nextPiece() }

    @inline(__always)
    private func node(_ offset: ArenaOffset) -> MemtableNode { MemtableNode(arena.base, offset) }

    @inline(__always)
    private func position(_ record: ArenaOffset) -> CellPosition {
        MemtableRecord(arena.base, record).position
    }

    /// Enters the cell; false, with nothing changed, if the arena may not have room.
    @inline(__always)
    mutating func insert(_ cell: CellReference) -> Bool {
        let size = MemtableRecord.size(cell)
        guard size &+ Self.splitReserve <= arena.free else { return false }
        let record = arena.allocate(size)
        MemtableRecord(arena.base, record).write(cell)
        let place = CellPosition(cell)
        let hint = MemtableHints.Key(cell.row)
        if !fingerHolds(place) {
            let hinted = hints.leaf(hint)
            setFinger(hinted != 0 && leafHolds(hinted, place) ? hinted : findLeaf(place))
        }
        let leaf = node(finger)
        let permutation = leaf.permutation
        let index = leaf.rank(arena.base, permutation, place, through: false)
        let count = permutation.count
        if count < MemtableNode.slots {
            leaf.fill(count, head: leaf.headRule.head(place), record: record)
            leaf.permutation = permutation.inserting(at: index)
        } else {
            setFinger(splitLeaf(finger, inserting: record, at: index))
        }
        hints.set(hint, finger)
        return true
    }

    /// Whether the leaf of the last insertion is the one for `place` as well: decided by the heads
    /// of its fences for random rows, so that only neighbours pay for a comparison.
    @inline(__always)
    private func fingerHolds(_ place: CellPosition) -> Bool {
        let head = CellOrder.head(place.row)
        if head < fingerLow || head > fingerHigh { return false }
        return leafHolds(finger, place)
    }

    /// Whether `place` lies between the fences of a leaf that is or was in the tree: between those
    /// of a leaf that was replaced nothing does.
    @inline(__always)
    private func leafHolds(_ offset: ArenaOffset, _ place: CellPosition) -> Bool {
        let leaf = node(offset)
        let (low, high) = (leaf.lowFence, leaf.highFence)
        if high != 0, CellOrder.compare(place, position(high)) >= 0 { return false }
        return low == 0 || CellOrder.compare(place, position(low)) >= 0
    }

    @inline(__always)
    private mutating func setFinger(_ leaf: ArenaOffset) {
        finger = leaf
        let (low, high) = (node(leaf).lowFence, node(leaf).highFence)
        fingerLow = low == 0 ? 0 : CellOrder.head(position(low).row)
        fingerHigh = high == 0 ? .max : CellOrder.head(position(high).row)
    }

    @inline(__always)
    private func findLeaf(_ place: CellPosition) -> ArenaOffset {
        var current = ArenaWord.load32(arena.base + Self.rootWord)
        while node(current).level > 0 {
            let inner = node(current)
            let permutation = inner.permutation
            current = inner.child(permutation[inner.childIndex(arena.base, permutation, place)])
        }
        return current
    }
}

// MARK: - Splits

extension MemtableTree {
    /// The inner node with room above the leaf of `place`, and the slot of that leaf: full nodes
    /// on the way are split, so that a split below always finds room above.
    private mutating func parent(for place: CellPosition) -> (node: ArenaOffset, slot: Int) {
        var current = ArenaWord.load32(arena.base + Self.rootWord)
        if node(current).permutation.count == MemtableNode.slots {
            let root = arena.allocate(MemtableNode.innerSize)
            let above = node(root)
            above.level = node(current).level + 1
            above.fill(0, head: 0, record: 0)
            above.setChild(0, current)
            above.permutation = .identity(1)
            ArenaWord.store32(arena.base + Self.rootWord, root)
            current = splitInner(current, below: root, slot: 0, place)
        }
        while true {
            let inner = node(current)
            let permutation = inner.permutation
            let slot = permutation[inner.childIndex(arena.base, permutation, place)]
            if inner.level == 1 { return (current, slot) }
            var child = inner.child(slot)
            if node(child).permutation.count == MemtableNode.slots {
                child = splitInner(child, below: current, slot: slot, place)
            }
            current = child
        }
    }

    /// Replaces a full inner node by two; returns the one whose range holds `place`.
    private mutating func splitInner(
        _ old: ArenaOffset, below parent: ArenaOffset, slot: Int, _ place: CellPosition
    ) -> ArenaOffset {
        let whole = node(old)
        let permutation = whole.permutation
        // Ascending rows leave nearly full nodes behind.
        let descends = whole.childIndex(arena.base, permutation, place)
        let middle = descends == 14 && permutation[14] == 14 ? 14 : 8
        let fence = whole.record(permutation[middle])
        let left = copyInner(whole, 0..<middle, low: whole.lowFence, high: fence)
        let right = copyInner(whole, middle..<15, low: fence, high: whole.highFence)
        enter(right, from: fence, into: parent)
        node(parent).setChild(slot, left)
        return CellOrder.compare(place, position(fence)) >= 0 ? right : left
    }

    private mutating func copyInner(
        _ whole: MemtableNode, _ range: Range<Int>, low: ArenaOffset, high: ArenaOffset
    ) -> ArenaOffset {
        let offset = arena.allocate(MemtableNode.innerSize)
        let copy = node(offset)
        copy.level = whole.level
        let permutation = whole.permutation
        fence(copy, low: low, high: high, like: whole, ties: ties(whole, permutation, range))
        for (target, index) in range.enumerated() {
            let slot = permutation[index]
            copyEntry(whole, slot, to: copy, target)
            copy.setChild(target, whole.child(slot))
        }
        copy.permutation = .identity(range.count)
        return offset
    }

    /// Publishes `child`, whose range begins at `record`, in `parent`, which has room.
    private func enter(_ child: ArenaOffset, from record: ArenaOffset, into parent: ArenaOffset) {
        let inner = node(parent)
        let permutation = inner.permutation
        let place = position(record)
        let index = inner.rank(arena.base, permutation, place, through: false)
        inner.fill(permutation.count, head: inner.headRule.head(place), record: record)
        inner.setChild(permutation.count, child)
        inner.permutation = permutation.inserting(at: index)
    }

    /// Makes room in a full leaf for `record`, whose place in its order is `index`; returns the
    /// leaf that got it.
    private mutating func splitLeaf(
        _ old: ArenaOffset, inserting record: ArenaOffset, at index: Int
    ) -> ArenaOffset {
        let (parent, slot) = parent(for: position(record))
        let leaf = node(old)
        let permutation = leaf.permutation
        let ascending =
            index >= 8 && permutation[index - 1] == 14 && permutation[index - 2] == 13
        let atEnd = index == 15 && (ascending || leaf.next == 0)
        if atEnd, !ties(leaf, permutation, 0..<15) {
            let right = arena.allocate(MemtableNode.leafSize)
            fence(node(right), low: record, high: leaf.highFence, like: leaf, ties: false)
            fill(node(right), 0, record)
            node(right).permutation = .identity(1)
            node(right).next = leaf.next
            node(right).previous = old
            enter(right, from: record, into: parent)
            if leaf.next != 0 { node(leaf.next).previous = right }
            leaf.next = right
            leaf.highFence = record
            return right
        }
        let middle = atEnd || ascending ? index : 8
        return replace(old, below: parent, slot: slot, record, at: index, middle: middle)
    }

    /// Replaces a full leaf by two, the first with the first `middle` of its cells and `record`.
    private mutating func replace(
        _ old: ArenaOffset, below parent: ArenaOffset, slot: Int, _ record: ArenaOffset,
        at index: Int, middle: Int
    ) -> ArenaOffset {
        let leaf = node(old)
        let permutation = leaf.permutation
        let fence =
            index == middle
            ? record : leaf.record(permutation[index < middle ? middle - 1 : middle])
        let left = arena.allocate(MemtableNode.leafSize)
        let right = arena.allocate(MemtableNode.leafSize)
        copyLeaf(leaf, 0..<middle, record, at: index, to: node(left), leaf.lowFence, fence)
        copyLeaf(leaf, middle..<16, record, at: index, to: node(right), fence, leaf.highFence)
        node(left).previous = leaf.previous
        node(left).next = right
        node(right).previous = left
        node(right).next = leaf.next
        enter(right, from: fence, into: parent)
        node(parent).setChild(slot, left)
        if leaf.previous != 0 { node(leaf.previous).next = left }
        if leaf.next != 0 { node(leaf.next).previous = right }
        // The writer's own: a hint that leads to the old leaf finds nothing in it.
        leaf.lowFence = fence
        leaf.highFence = fence
        return index < middle ? left : right
    }

    /// Fills a new leaf with the part `range` of the sixteen: the old leaf's, and `record` at
    /// `index`.
    private func copyLeaf(
        _ leaf: MemtableNode, _ range: Range<Int>, _ record: ArenaOffset, at index: Int,
        to copy: MemtableNode, _ low: ArenaOffset, _ high: ArenaOffset
    ) {
        let permutation = leaf.permutation
        let first = min(range.lowerBound, 14)
        let last = max(min(range.upperBound, 15), first + 1)
        fence(copy, low: low, high: high, like: leaf, ties: ties(leaf, permutation, first..<last))
        for (target, place) in range.enumerated() {
            if place == index {
                fill(copy, target, record)
            } else {
                let slot = permutation[place < index ? place : place - 1]
                copyEntry(leaf, slot, to: copy, target)
            }
        }
        copy.permutation = .identity(range.count)
    }

    private func fill(_ copy: MemtableNode, _ slot: Int, _ record: ArenaOffset) {
        copy.fill(slot, head: copy.headRule.head(position(record)), record: record)
    }

    private func copyEntry(_ old: MemtableNode, _ slot: Int, to copy: MemtableNode, _ target: Int) {
        let record = old.record(slot)
        if copy.headRule == old.headRule || record == 0 {
            copy.fill(target, head: old.head(slot), record: record)
        } else {
            fill(copy, target, record)
        }
    }

    /// Whether the heads of these entries share so much that a deeper head rule is worth reading
    /// the cells again.
    private func ties(
        _ old: MemtableNode, _ permutation: Permutation, _ range: Range<Int>
    ) -> Bool {
        let first = old.head(permutation[range.lowerBound])
        let last = old.head(permutation[range.upperBound - 1])
        return (first ^ last).leadingZeroBitCount >= 32
    }

    /// Sets a new node's fences; its head rule is `old`'s, which is valid in every part of the
    /// range, or where those heads tie the one of the new fences.
    private func fence(
        _ copy: MemtableNode, low: ArenaOffset, high: ArenaOffset, like old: MemtableNode,
        ties: Bool
    ) {
        copy.lowFence = low
        copy.highFence = high
        copy.headRule = ties ? HeadRule(arena.base, low: low, high: high) : old.headRule
    }
}
