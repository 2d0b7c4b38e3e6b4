/// Mutations that become visible and durable together, across rows and tables of one store.
///
/// They apply in the order of the calls. Rows take 1 to 65,535 bytes, qualifiers 0 to 65,535,
/// values up to 16 MiB, a batch up to 64 MiB; beyond that the calls throw `.invalidArgument` and
/// leave the batch as it was. A timestamp that is not given is set by the store at the commit:
/// microseconds since 1970, never twice the same and never stepping back.
public struct WriteBatch: Sendable {
    var storage: BatchStorage

    /// An empty batch.
    public init() {
        storage = BatchStorage()
    }

    /// An empty batch with room for about `capacity` bytes.
    package init(capacity: Int) {
        storage = BatchStorage(capacity: max(512, min(capacity, BatchFormat.byteCountMax)))
    }

    /// Whether nothing has been added.
    public var isEmpty: Bool { storage.mutations == 0 }

    /// How many mutations it holds.
    public var count: Int { Int(storage.mutations) }

    /// Bytes that the batch takes in the log.
    public var byteCount: Int { storage.count + BatchFormat.timestampSize }

    /// Empties the batch, keeping its memory.
    public mutating func removeAll() {
        ensureUnique()
        storage.removeAll()
    }

    /// Stores `value` at (row, qualifier, timestamp), replacing what is there.
    public mutating func put(
        _ family: Family, row: some Bytes, qualifier: some Bytes, value: some Bytes,
        timestamp: UInt64? = nil, timeToLive: UInt64? = nil
    ) throws(StoreError) {
        let parts = MutationParts(
            operation: CellKind.put.rawValue, tree: family.id, timestamp: timestamp,
            timeToLive: timeToLive)
        try row.withBytes { (row) throws(StoreError) in
            try qualifier.withBytes { (qualifier) throws(StoreError) in
                try value.withBytes { (value) throws(StoreError) in
                    try add(parts, row: row, qualifier: qualifier, tail: value)
                }
            }
        }
    }

    /// As `put`, of bytes in place with the empty qualifier.
    package mutating func put(
        _ family: Family, row: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
        timeToLive: UInt64?
    ) throws(StoreError) {
        let parts = MutationParts(
            operation: CellKind.put.rawValue, tree: family.id, timestamp: nil,
            timeToLive: timeToLive)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        try add(parts, row: row, qualifier: none, tail: value)
    }

    /// Deletes the version with exactly `timestamp`.
    public mutating func deleteVersion(
        _ family: Family, row: some Bytes, qualifier: some Bytes, timestamp: UInt64
    ) throws(StoreError) {
        try delete(.deleteVersion, family, row: row, qualifier: qualifier, timestamp: timestamp)
    }

    /// Deletes all versions of a column up to `timestamp`.
    public mutating func deleteColumn(
        _ family: Family, row: some Bytes, qualifier: some Bytes, upTo timestamp: UInt64 = .max
    ) throws(StoreError) {
        try delete(.deleteColumn, family, row: row, qualifier: qualifier, timestamp: timestamp)
    }

    /// Deletes all of a row's cells in one family up to `timestamp`.
    public mutating func deleteFamily(
        _ family: Family, row: some Bytes, upTo timestamp: UInt64 = .max
    ) throws(StoreError) {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        try delete(.deleteFamily, family, row: row, qualifier: none, timestamp: timestamp)
    }

    /// Deletes all of a row's cells in all families up to `timestamp`.
    public mutating func deleteRow(
        _ table: Table, row: some Bytes, upTo timestamp: UInt64 = .max
    ) throws(StoreError) {
        for family in table.families {
            try deleteFamily(family, row: row, upTo: timestamp)
        }
    }

    /// Deletes every row from `start` up to but not including `end`; an empty `end` means to the
    /// last row. Costs the same however many rows there are.
    public mutating func deleteRange(
        _ table: Table, from start: some Bytes, to end: some Bytes
    ) throws(StoreError) {
        for family in table.families {
            let parts = MutationParts(operation: BatchFormat.deleteRange, tree: family.id)
            try start.withBytes { (start) throws(StoreError) in
                try end.withBytes { (end) throws(StoreError) in
                    guard end.isEmpty || CellOrder.compareBytes(start, end) < 0 else {
                        throw StoreError(.invalidArgument, "a range must end behind its start")
                    }
                    try add(parts, row: start, qualifier: nil, tail: end)
                }
            }
        }
    }

    private mutating func delete(
        _ kind: CellKind, _ family: Family, row: some Bytes, qualifier: some Bytes,
        timestamp: UInt64
    ) throws(StoreError) {
        let parts = MutationParts(
            operation: kind.rawValue, tree: family.id, timestamp: timestamp)
        try row.withBytes { (row) throws(StoreError) in
            try qualifier.withBytes { (qualifier) throws(StoreError) in
                try add(parts, row: row, qualifier: qualifier, tail: nil)
            }
        }
    }

    private mutating func ensureUnique() {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    }

    @inline(__always)
    private mutating func add(
        _ parts: MutationParts, row: UnsafeRawBufferPointer, qualifier: UnsafeRawBufferPointer?,
        tail: UnsafeRawBufferPointer?
    ) throws(StoreError) {
        let isRange = parts.operation == BatchFormat.deleteRange
        let tailMax = isRange ? BatchFormat.keyCountMax : BatchFormat.valueCountMax
        guard isRange || row.count >= 1, row.count <= BatchFormat.keyCountMax else {
            throw StoreError(.invalidArgument, "a row takes 1 to 65,535 bytes, not \(row.count)")
        }
        guard qualifier?.count ?? 0 <= BatchFormat.keyCountMax, tail?.count ?? 0 <= tailMax else {
            throw StoreError(.invalidArgument, "a qualifier or value is too long")
        }
        let added = 64 + row.count + (qualifier?.count ?? 0) + (tail?.count ?? 0)
        guard storage.count + added <= BatchFormat.byteCountMax else {
            throw StoreError(.invalidArgument, "a batch takes at most 64 MiB")
        }
        ensureUnique()
        storage.append(parts, row: row, qualifier: qualifier, tail: tail)
    }
}

extension MutationParts {
    init(operation: UInt8, tree: UInt32) {
        self.init(operation: operation, tree: tree, timestamp: nil, timeToLive: nil)
    }

    init(operation: UInt8, tree: UInt32, timestamp: UInt64) {
        self.init(operation: operation, tree: tree, timestamp: timestamp, timeToLive: nil)
    }
}
