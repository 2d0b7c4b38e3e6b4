extension ShippedCatalog {
    /// What a manifest says.
    package init(_ state: ManifestState) {
        self.init(
            state.families.sorted { $0.key < $1.key }.map { tree, family in
                Entry(tree: tree, table: family.table, schema: family.schema)
            })
    }

    /// As fields of a manifest (docs/formats/manifest.md): create family, one for each.
    package func encoded() -> [UInt8] {
        let fields = entries.map { entry in
            ManifestEdit.Field.createFamily(
                tree: entry.tree, table: entry.table, schema: entry.schema)
        }
        return ManifestEdit(fields).encoded()
    }

    /// - Throws: `.corruption` for bytes that are no catalog; `.unsupported` for one of a later
    ///   version.
    package init(decoding bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var entries: [Entry] = []
        for field in try ManifestEdit(decoding: bytes).fields {
            guard case .createFamily(let tree, let table, let schema) = field else {
                throw StoreError(.corruption, "a catalog with something else in it")
            }
            entries.append(Entry(tree: tree, table: table, schema: schema))
        }
        self.init(entries)
    }
}
