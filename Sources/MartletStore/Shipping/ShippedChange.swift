/// A cell that a shipped record puts or deletes.
public struct ShippedChange: Sendable, Equatable {
    /// `Family.id` of the cell's family.
    public var family: UInt32
    /// The row's key.
    public var row: [UInt8]
    /// What is put; `nil` for a delete of any kind.
    public var value: [UInt8]?

    /// A change of these parts.
    public init(family: UInt32, row: [UInt8], value: [UInt8]?) {
        self.family = family
        self.row = row
        self.value = value
    }
}

extension ShippedRecord {
    /// The cells of some families that the record's batch puts or deletes, in the batch's order.
    /// Deletes of ranges are left out. O(mutations of the batch); copies what it gives, nothing
    /// else.
    ///
    /// - Throws: `.corruption` for a batch that cannot be decoded.
    public func changes(in families: [Family]) throws(StoreError) -> [ShippedChange] {
        guard kind == .batch else { return [] }
        var changes: [ShippedChange] = []
        try forEachMutation { tree, mutation in
            guard case .cell(let cell) = mutation, families.contains(where: { $0.id == tree })
            else { return }
            changes.append(
                ShippedChange(
                    family: UInt32(tree), row: Array(cell.row),
                    value: cell.kindByte == CellKind.put.rawValue ? Array(cell.value) : nil))
        }
        return changes
    }
}
