/// A row as a read found it: its visible cells, ordered by family, qualifier, newest version first.
public struct Row: Sendable, Hashable {
    /// The row's key.
    public var key: [UInt8]
    /// At least one cell.
    public var cells: [Cell]

    /// The newest value of `qualifier`, in the first family that has it.
    public subscript(qualifier: some Bytes) -> [UInt8]? {
        let wanted = qualifier.withBytes { Array($0) }
        return cells.first { $0.qualifier == wanted }?.value
    }
}

/// One version of one column.
public struct Cell: Sendable, Hashable {
    /// The family's tree number.
    public var family: UInt32
    /// The column within the family.
    public var qualifier: [UInt8]
    /// Microseconds since 1970, or what the writer chose.
    public var timestamp: UInt64
    /// The place of the write among all writes of the store; 0 once no snapshot can tell.
    public var sequence: UInt64
    /// The bytes stored.
    public var value: [UInt8]
}

/// A cell in place, without copies; the pointers are valid only during the call that gives it.
public struct CellView {
    /// The row's key.
    public let row: UnsafeRawBufferPointer
    /// The column within the family.
    public let qualifier: UnsafeRawBufferPointer
    /// The bytes stored.
    public let value: UnsafeRawBufferPointer
    /// Microseconds since 1970, or what the writer chose.
    public let timestamp: UInt64
    /// The place of the write among all writes of the store; 0 once no snapshot can tell.
    public let sequence: UInt64

    @inline(__always)
    init(_ cell: CellReference) {
        row = cell.row
        qualifier = cell.qualifier
        value = cell.value
        timestamp = cell.timestamp
        sequence = cell.sequence
    }
}
