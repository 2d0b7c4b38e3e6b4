import MartletStore

/// A batch being filled, one value after the other in the same memory. It can be used again once
/// its batch is stored, so that a commit takes no new memory.
struct RowBatch {
    private(set) var batch: WriteBatch
    private var value: [UInt8] = []

    /// Bytes beyond which memory is given back.
    private static let kept = 1 << 20

    init(capacity: Int) {
        batch = WriteBatch(capacity: capacity)
    }

    /// Empties the batch. What was filled in before is nobody's any more.
    mutating func removeAll() {
        if batch.byteCount > Self.kept {
            batch = WriteBatch(capacity: 4 << 10)
        } else {
            batch.removeAll()
        }
    }

    /// Sets the value that the next rows get.
    mutating func fill(_ new: some RowValue) {
        value.removeAll(keepingCapacity: true)
        new.encode(into: &value)
    }

    mutating func fill(_ new: [UInt8]) { value = new }

    mutating func put(
        _ family: Family, _ row: some Bytes, timeToLive: UInt64? = nil
    ) throws(StoreError) {
        try row.withBytes { (row) throws(StoreError) in
            try value.withBytes { (value) throws(StoreError) in
                try batch.put(family, row: row, value: value, timeToLive: timeToLive)
            }
        }
    }

    mutating func delete(_ family: Family, _ row: some Bytes) throws(StoreError) {
        try batch.deleteColumn(family, row: row, qualifier: ChatSchema.qualifier)
    }
}
