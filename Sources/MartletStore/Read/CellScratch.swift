import Glibc

/// Copies of cells, kept while a cursor moves on: what a reversed scan needs to turn a row around.
struct CellScratch: ~Copyable {
    private struct Entry {
        var cell: CellReference
        var offset: Int
    }

    private var bytes: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    private var entries: [Entry] = []

    init() {
        capacity = 1 << 10
        bytes = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit { bytes.deallocate() }

    var count: Int { entries.count }

    mutating func removeAll() {
        used = 0
        entries.removeAll(keepingCapacity: true)
    }

    mutating func append(_ cell: CellReference) {
        let size = cell.row.count + cell.qualifier.count + cell.value.count
        if used + size > capacity { grow(to: used + size) }
        entries.append(Entry(cell: cell, offset: used))
        append(cell.row)
        append(cell.qualifier)
        append(cell.value)
    }

    /// The cell appended as the `index`-th; valid until the scratch is changed.
    subscript(index: Int) -> CellReference {
        let entry = entries[index]
        var cell = entry.cell
        let row = bytes + entry.offset
        let qualifier = row + cell.row.count
        let value = qualifier + cell.qualifier.count
        cell.row = UnsafeRawBufferPointer(start: row, count: cell.row.count)
        cell.qualifier = UnsafeRawBufferPointer(start: qualifier, count: cell.qualifier.count)
        cell.value = UnsafeRawBufferPointer(start: value, count: cell.value.count)
        return cell
    }

    private mutating func append(_ part: UnsafeRawBufferPointer) {
        guard let source = part.baseAddress else { return }
        memcpy(bytes + used, source, part.count)
        used += part.count
    }

    private mutating func grow(to wanted: Int) {
        capacity = max(wanted, 2 * capacity)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: bytes, byteCount: used)
        bytes.deallocate()
        bytes = larger
    }
}

/// One row's key, kept while a cursor moves on.
struct RowBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity = 64
    private var count = 0
    private(set) var isSet = false

    init() { base = .allocate(byteCount: 64, alignment: 8) }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    @inline(__always)
    func equals(_ row: UnsafeRawBufferPointer) -> Bool {
        guard isSet, row.count == count else { return false }
        return CellOrder.compareBytes(row, bytes) == 0
    }

    mutating func set(_ row: UnsafeRawBufferPointer) {
        if row.count > capacity {
            capacity = max(2 * capacity, row.count)
            base.deallocate()
            base = .allocate(byteCount: capacity, alignment: 8)
        }
        if let source = row.baseAddress { memcpy(base, source, row.count) }
        count = row.count
        isSet = true
    }
}
