/// A place in a memtable. The cursor contract of the engine; does not throw and takes no lock.
///
/// It does not keep the memtable alive (no reference counting per move): its owner does. Cells
/// inserted after a seek may or may not be met on the way; `MemtableTree` says why all cells of
/// published sequences are.
package struct MemtableCursor {
    private let base: UnsafeMutableRawPointer
    private var leaf: ArenaOffset = 0
    private var permutation = Permutation(bits: 0)
    private var index = 0

    init(_ base: UnsafeMutableRawPointer) { self.base = base }

    /// Whether the cursor stands on a cell.
    @inline(__always)
    package var isValid: Bool { leaf != 0 }

    /// The cell under the cursor, which must be valid. Its pointers live as long as the memtable.
    @inline(__always)
    package var cell: CellReference {
        MemtableRecord(base, MemtableNode(base, leaf).record(permutation[index])).cell
    }

    /// To the first cell at or after `position`.
    @inline(__always)
    package mutating func seek(_ position: CellPosition) {
        descend(position)
        index = MemtableNode(base, leaf).rank(base, permutation, position, through: false)
        if index < permutation.count { return }
        index &-= 1
        next()
        // A leaf that was split off a moment ago may begin before `position`, with cells too new
        // to be in any snapshot of this reader.
        while isValid, CellOrder.compare(CellPosition(cell), position) < 0 { next() }
    }

    /// To the last cell before `position`.
    @inline(__always)
    package mutating func seekBefore(_ position: CellPosition) {
        descend(position)
        index = MemtableNode(base, leaf).rank(base, permutation, position, through: false)
        previous()
    }

    /// To the first cell.
    package mutating func seekToFirst() {
        descend(toEnd: false)
        index = -1
        next()
    }

    /// To the last cell.
    package mutating func seekToLast() {
        descend(toEnd: true)
        while true {
            let right = MemtableNode(base, leaf).next
            if right == 0 { break }
            enter(right)
        }
        index = permutation.count
        previous()
    }

    /// To the next cell; invalid after the last.
    @inline(__always)
    package mutating func next() {
        index &+= 1
        while index >= permutation.count {
            leaf = MemtableNode(base, leaf).next
            if leaf == 0 { return }
            enter(leaf)
            index = 0
        }
    }

    /// To the previous cell; invalid before the first.
    @inline(__always)
    package mutating func previous() {
        index &-= 1
        while index < 0 {
            leaf = MemtableNode(base, leaf).previous
            if leaf == 0 { return }
            enter(leaf)
            index = permutation.count &- 1
        }
    }

    @inline(__always)
    private mutating func enter(_ leaf: ArenaOffset) {
        self.leaf = leaf
        permutation = MemtableNode(base, leaf).permutation
    }

    /// To the leaf for `position`: see (3) of the proof in `MemtableTree`.
    @inline(__always)
    private mutating func descend(_ position: CellPosition) {
        var current = ArenaWord.load32(base + MemtableTree.rootWord)
        while MemtableNode(base, current).level > 0 {
            let inner = MemtableNode(base, current)
            var permutation = inner.permutation
            while true {
                let slot = permutation[inner.childIndex(base, permutation, position)]
                current = inner.child(slot)
                let now = inner.permutation
                if now.bits == permutation.bits { break }
                permutation = now
            }
        }
        enter(current)
    }

    private mutating func descend(toEnd: Bool) {
        var current = ArenaWord.load32(base + MemtableTree.rootWord)
        while MemtableNode(base, current).level > 0 {
            let inner = MemtableNode(base, current)
            let permutation = inner.permutation
            current = inner.child(permutation[toEnd ? permutation.count &- 1 : 0])
        }
        enter(current)
    }
}
