/// An index block, searched in place: eight bytes of each separator's row decide nearly always.
///
/// Never reads outside of the block, whatever its bytes are: what makes no sense answers nil.
struct IndexBlock {
    let block: CachedBlock
    let count: Int
    private let base: UnsafeRawPointer
    private let prefix: UnsafeRawBufferPointer
    /// Where the keys end and the prefix begins.
    private let keysEnd: Int

    init?(_ block: CachedBlock) {
        let tail = block.count - 8
        guard tail >= 0 else { return nil }
        let prefixCount = Int(TableCoding.u32(block.base, tail))
        let count = Int(TableCoding.u32(block.base, tail + 4))
        guard prefixCount <= TableFormat.nameMax, count * 24 + prefixCount <= tail else {
            return nil
        }
        self.block = block
        self.count = count
        base = block.base
        keysEnd = tail - prefixCount
        prefix = UnsafeRawBufferPointer(start: base + keysEnd, count: prefixCount)
    }

    @inline(__always)
    func handle(_ index: Int) -> BlockHandle {
        BlockHandle(
            offset: TableCoding.u64(base, count &* 8 &+ index &* 8),
            size: TableCoding.u32(base, count &* 16 &+ index &* 4))
    }

    /// The last entry whose separator is at or before `position`; 0 where there is none. Nil where
    /// the bytes make no sense. There must be an entry.
    func last(notAfter position: CellPosition) -> Int? {
        var rest = position.row
        if prefix.count > 0 {
            let head = UnsafeRawBufferPointer(rebasing: rest.prefix(prefix.count))
            let order = CellOrder.compareBytes(head, prefix)
            // A row that is a part of the prefix only sorts before it as well.
            if order < 0 { return 0 }
            if order > 0 { return count &- 1 }
            rest = UnsafeRawBufferPointer(rebasing: rest[prefix.count...])
        }
        let head = CellOrder.head(rest)
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) >> 1
            let other = TableCoding.u64(base, middle &* 8)
            var isAfter = other > head
            if other == head {
                guard let order = compare(middle, rest, position) else { return nil }
                isAfter = order > 0
            }
            if isAfter { high = middle } else { low = middle &+ 1 }
        }
        return max(0, low &- 1)
    }

    /// Orders the separator of an entry against a position whose row without prefix is `rest`.
    private func compare(
        _ index: Int, _ rest: UnsafeRawBufferPointer, _ position: CellPosition
    ) -> Int? {
        guard let key = key(index) else { return nil }
        let rows = CellOrder.compareBytes(key.row, rest)
        return rows != 0 ? rows : CellOrder.compareInRow(key, position)
    }

    /// An entry's separator, its row without the prefix.
    private func key(_ index: Int) -> CellPosition? {
        var at = Int(TableCoding.u32(base, count &* 20 &+ index &* 4))
        guard at + 3 <= keysEnd else { return nil }
        let kind = base.load(fromByteOffset: at, as: UInt8.self)
        guard let row = string(&at, after: 1) else { return nil }
        guard kind == 1 else { return kind == 0 ? CellPosition(startOf: row) : nil }
        guard let qualifier = string(&at, after: 0), at + 16 <= keysEnd else { return nil }
        return CellPosition(
            row: row, qualifier: qualifier, timestamp: TableCoding.u64(base, at),
            trailer: TableCoding.u64(base, at + 8))
    }

    private func string(_ at: inout Int, after skip: Int) -> UnsafeRawBufferPointer? {
        at += skip
        guard at + 2 <= keysEnd else { return nil }
        let low = Int(base.load(fromByteOffset: at, as: UInt8.self))
        let count = low | Int(base.load(fromByteOffset: at + 1, as: UInt8.self)) << 8
        at += 2
        guard count <= keysEnd - at else { return nil }
        defer { at += count }
        return UnsafeRawBufferPointer(start: base + at, count: count)
    }

    /// Gives `body` an entry's whole separator. Nil where the bytes make no sense.
    func withSeparator<Value>(_ index: Int, _ body: (CellPosition) -> Value) -> Value? {
        guard var position = key(index) else { return nil }
        let row = Array(prefix) + Array(position.row)
        return row.withUnsafeBytes { bytes in
            position.row = bytes
            return body(position)
        }
    }
}
