/// The tables, families and trees of a store at one moment, immutable.
struct Catalog: Sendable {
    /// Tables in the order of their creation.
    private(set) var tables: [Table] = []
    /// Trees by their number; numbers are given out from 0 without gaps.
    private(set) var trees: [Tree] = []

    func table(_ name: String) throws(StoreError) -> Table {
        guard let table = tables.first(where: { $0.name == name }) else {
            throw StoreError(.notFound, "there is no table '\(name)'")
        }
        return table
    }

    func tree(_ family: Family) throws(StoreError) -> Tree {
        guard family.id < trees.count, trees[Int(family.id)].family == family else {
            throw StoreError(
                .notFound, "family '\(family.schema.name)' is not one of this store's")
        }
        return trees[Int(family.id)]
    }

    mutating func add(_ tree: Tree) {
        precondition(Int(tree.family.id) == trees.count, "tree numbers have no gaps")
        trees.append(tree)
        let name = tree.family.table
        if let index = tables.firstIndex(where: { $0.name == name }) {
            tables[index] = Table(name: name, families: tables[index].families + [tree.family])
        } else {
            tables.append(Table(name: name, families: [tree.family]))
        }
    }
}

extension FamilySchema {
    /// Throws `.invalidArgument` where a setting is outside of what is documented.
    func validate() throws(StoreError) {
        guard (1...64).contains(name.utf8.count) else {
            throw StoreError(.invalidArgument, "a family's name takes 1 to 64 bytes")
        }
        guard maxVersions ?? 1 >= 1 else {
            throw StoreError(.invalidArgument, "a family keeps at least one version")
        }
        guard (1 << 10...1 << 20).contains(blockSize) else {
            throw StoreError(.invalidArgument, "a block takes 1 KiB to 1 MiB")
        }
        if case .rowAndPrefix(let length) = filter, !(1...255).contains(length) {
            throw StoreError(.invalidArgument, "a filter's prefix takes 1 to 255 bytes")
        }
        guard timeToLive ?? 1 > 0 else {
            throw StoreError(.invalidArgument, "a time to live is at least one microsecond")
        }
    }
}
