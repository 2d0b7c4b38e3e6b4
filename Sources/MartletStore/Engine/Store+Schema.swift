extension Store {
    /// Creates a table with its families; durable on return. Throws `.alreadyExists`.
    @discardableResult
    public func createTable(
        _ name: String, families: [FamilySchema]
    ) throws(StoreError) -> Table {
        try requirePrimary()
        guard (1...64).contains(name.utf8.count) else {
            throw StoreError(.invalidArgument, "a table's name takes 1 to 64 bytes")
        }
        guard !families.isEmpty, Set(families.map(\.name)).count == families.count else {
            throw StoreError(.invalidArgument, "a table has families, each with its own name")
        }
        for family in families { try family.validate() }
        return try manifestMonitor.withLock { () throws(StoreError) -> Table in
            guard !tables.contains(where: { $0.name == name }) else {
                throw StoreError(.alreadyExists, "there is a table '\(name)' already")
            }
            try add(families, to: name)
            return try table(name)
        }
    }

    /// Adds a family to a table; durable on return. Throws `.alreadyExists`, `.notFound`.
    @discardableResult
    public func createFamily(
        _ family: FamilySchema, in table: String
    ) throws(StoreError) -> Family {
        try requirePrimary()
        try family.validate()
        return try manifestMonitor.withLock { () throws(StoreError) -> Family in
            let existing = try self.table(table).families
            guard !existing.contains(where: { $0.schema.name == family.name }) else {
                throw StoreError(
                    .alreadyExists, "table '\(table)' has a family '\(family.name)' already")
            }
            try add([family], to: table)
            return try self.table(table).family(family.name)
        }
    }

    private func requirePrimary() throws(StoreError) {
        try requireWritable()
        try standing.requirePrimary(directory)
    }

    /// Holds: `manifestMonitor`.
    private func add(_ families: [FamilySchema], to table: String) throws(StoreError) {
        let first = UInt32(currentCatalog.trees.count)
        let isNew = !tables.contains { $0.name == table }
        var edit = ManifestEdit(isNew ? [.createTable(table)] : [])
        var trees: [Tree] = []
        for (index, schema) in families.enumerated() {
            let family = Family(id: first + UInt32(index), table: table, schema: schema)
            edit.fields.append(
                .createFamily(tree: family.id, table: table, schema: schema))
            trees.append(
                Tree(
                    family, memtableSize: options.memtableSize, budget: budget,
                    background: environment.background))
        }
        try record(edit)
        enter(trees)
    }

    /// The manifest has these families: batches may name them.
    func enter(_ trees: [Tree]) {
        catalogMonitor.withLock {
            for tree in trees { catalog.add(tree) }
        }
    }
}
