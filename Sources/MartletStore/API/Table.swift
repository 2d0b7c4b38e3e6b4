/// A table's name and families, as of the call that gave it.
public struct Table: Sendable, Hashable {
    /// The table's name.
    public let name: String
    /// The families, in the order of their creation.
    public let families: [Family]

    /// The family called `name`. Throws `.notFound`.
    public func family(_ name: String) throws(StoreError) -> Family {
        for family in families where family.schema.name == name { return family }
        throw StoreError(.notFound, "table '\(self.name)' has no family '\(name)'")
    }
}

/// One column family of a table: a tree of its own.
public struct Family: Sendable, Hashable {
    /// The tree's number in the store's files.
    public let id: UInt32
    /// The name of the table.
    public let table: String
    /// The family's settings.
    public let schema: FamilySchema

    package init(id: UInt32, table: String, schema: FamilySchema) {
        self.id = id
        self.table = table
        self.schema = schema
    }
}
