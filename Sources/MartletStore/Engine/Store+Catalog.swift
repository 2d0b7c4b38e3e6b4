extension Store {
    /// The families, as a follower must have them.
    public var shippedCatalog: ShippedCatalog {
        ShippedCatalog(
            currentCatalog.trees.map { tree in
                ShippedCatalog.Entry(
                    tree: tree.family.id, table: tree.family.table, schema: tree.family.schema)
            })
    }

    /// Makes the tables and families of a primary that this follower does not have yet; durable on
    /// return, so that batches that name them may be logged. No effect for those that it has.
    ///
    /// - Throws: `.fenced` if the store is no follower; `.invalidArgument` for a family that is
    ///   there otherwise, numbers with gaps, and settings out of bounds, with nothing changed;
    ///   `.noSpace`, `.io`, `.poisoned`, `.closed`.
    public func adoptCatalog(_ shipped: ShippedCatalog) throws(StoreError) {
        try shipping.withLock { () throws(StoreError) in
            _ = try requireFollower()
            try manifestMonitor.withLock { () throws(StoreError) in
                try adopt(shipped)
            }
        }
    }

    /// Holds: `manifestMonitor`.
    private func adopt(_ shipped: ShippedCatalog) throws(StoreError) {
        let known = currentCatalog.trees
        var edit = ManifestEdit()
        var names = Set(tables.map(\.name))
        for entry in shipped.entries {
            if entry.tree < known.count {
                let family = known[Int(entry.tree)].family
                guard family.table == entry.table, family.schema == entry.schema else {
                    throw Self.contradiction(entry)
                }
                continue
            }
            try Self.validate(entry)
            if names.insert(entry.table).inserted { edit.fields.append(.createTable(entry.table)) }
            edit.fields.append(
                .createFamily(tree: entry.tree, table: entry.table, schema: entry.schema))
        }
        try create(shipped.entries.filter { $0.tree >= known.count }, edit)
    }

    private static func validate(_ entry: ShippedCatalog.Entry) throws(StoreError) {
        guard (1...64).contains(entry.table.utf8.count) else { throw contradiction(entry) }
        try entry.schema.validate()
    }

    /// Records `edit` and makes the trees of `entries`. Holds: `manifestMonitor`.
    private func create(
        _ entries: [ShippedCatalog.Entry], _ edit: ManifestEdit
    ) throws(StoreError) {
        guard !entries.isEmpty else { return }
        let first = currentCatalog.trees.count
        for (index, entry) in entries.enumerated() where Int(entry.tree) != first + index {
            throw Self.contradiction(entry)
        }
        var state = manifest.state
        do throws(StoreError) {
            try state.apply(edit)
        } catch {
            throw StoreError(.invalidArgument, error.message, path: directory)
        }
        try record(edit)
        enter(
            entries.map { entry in
                let family = Family(id: entry.tree, table: entry.table, schema: entry.schema)
                return Tree(
                    family, memtableSize: options.memtableSize, budget: budget,
                    background: environment.background)
            })
    }

    private static func contradiction(_ entry: ShippedCatalog.Entry) -> StoreError {
        StoreError(
            .invalidArgument,
            "family \(entry.table)/\(entry.schema.name), tree \(entry.tree), contradicts the store")
    }
}
