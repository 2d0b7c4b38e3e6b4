/// Collects the entries of one index block: a separator and a handle each.
///
/// A separator is a position at or before the first cell of what the entry points to, and behind
/// the last cell of the entry before it.
struct IndexBlockBuilder {
    private var keys: [UInt8] = []
    private var keyOffsets: [Int] = []
    private var handles: [BlockHandle] = []

    var isEmpty: Bool { handles.isEmpty }
    var count: Int { handles.count }
    /// Bytes of the block if it were finished now, or a little more.
    var byteCount: Int { keys.count + handles.count * 24 + 8 }

    /// The first separator's record, for the level above.
    var firstKey: ArraySlice<UInt8> { keys[..<(keyOffsets.count > 1 ? keyOffsets[1] : keys.count)] }

    mutating func add(_ key: some Collection<UInt8>, _ handle: BlockHandle) {
        keyOffsets.append(keys.count)
        keys.append(contentsOf: key)
        handles.append(handle)
    }

    /// A separator's record: whole position, or only the start of a row.
    static func key(row: UnsafeRawBufferPointer, position: CellPosition?) -> [UInt8] {
        var key: [UInt8] = [position == nil ? 0 : 1]
        withUnsafeBytes(of: UInt16(row.count).littleEndian) { key.append(contentsOf: $0) }
        key.append(contentsOf: row)
        if let position {
            let count = UInt16(position.qualifier.count)
            withUnsafeBytes(of: count.littleEndian) { key.append(contentsOf: $0) }
            key.append(contentsOf: position.qualifier)
            withUnsafeBytes(of: position.timestamp.littleEndian) { key.append(contentsOf: $0) }
            withUnsafeBytes(of: position.trailer.littleEndian) { key.append(contentsOf: $0) }
        }
        return key
    }

    /// The block's content: heads, offsets, sizes, key offsets, keys, prefix, prefix length, count.
    func finish() -> [UInt8] {
        let count = handles.count
        let prefix = commonPrefix()
        var head: [UInt8] = []
        var content: [UInt8] = []
        content.reserveCapacity(byteCount)
        var stripped: [UInt8] = []
        var strippedOffsets: [UInt32] = []
        for index in 0..<count {
            let start = keyOffsets[index]
            let end = index + 1 < count ? keyOffsets[index + 1] : keys.count
            let rowCount = Int(keys[start + 1]) | Int(keys[start + 2]) << 8
            let row = keys[(start + 3 + prefix)..<(start + 3 + rowCount)]
            head = Array(row.prefix(8))
            head += [UInt8](repeating: 0, count: 8 - head.count)
            content.append(contentsOf: head.reversed())
            strippedOffsets.append(UInt32(count * 24 + stripped.count))
            let rest = UInt16(rowCount - prefix)
            stripped += [keys[start], UInt8(rest & 0xFF), UInt8(rest >> 8)]
            stripped += keys[(start + 3 + prefix)..<end]
        }
        for handle in handles { append(handle.offset, to: &content) }
        for handle in handles { append(handle.size, to: &content) }
        for offset in strippedOffsets { append(offset, to: &content) }
        content += stripped
        if count > 0 { content += keys[3..<(3 + prefix)] }
        append(UInt32(prefix), to: &content)
        append(UInt32(count), to: &content)
        return content
    }

    mutating func reset() { self = IndexBlockBuilder() }

    /// The bytes that all rows start with: those that the first and the last share.
    private func commonPrefix() -> Int {
        guard let last = keyOffsets.last else { return 0 }
        let firstCount = Int(keys[1]) | Int(keys[2]) << 8
        let lastCount = Int(keys[last + 1]) | Int(keys[last + 2]) << 8
        var shared = 0
        while shared < min(firstCount, lastCount), keys[3 + shared] == keys[last + 3 + shared] {
            shared += 1
        }
        return shared
    }

    private func append<Number: FixedWidthInteger>(_ number: Number, to content: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { content.append(contentsOf: $0) }
    }
}
