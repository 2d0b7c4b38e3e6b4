import MartletStore

/// What the store around a file says: which table and family a tree is. Knows nothing where the
/// file does not lie in a store.
struct StoreContext {
    private let state: ManifestState?
    private let directory: String?

    /// For a file in `tables/` or `log/` of a store.
    init(around path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let up = parts.count >= 2 ? parts.dropLast(2).joined(separator: "/") : ".."
        let isRoot = path.hasPrefix("/") && up.isEmpty
        self.init(directory: isRoot ? "/" : up.isEmpty ? "." : up)
    }

    /// For a store's directory.
    init(directory: String) {
        let fileSystem = Environment.system.fileSystem
        self.directory = directory
        state = try? ManifestInspection.run(fileSystem, directory: directory, { _ in }).state
    }

    init(state: ManifestState?) {
        self.state = state
        directory = nil
    }

    /// `table/family`, or the tree's number where nothing is known.
    func name(_ tree: UInt32) -> String {
        state?.families[tree].map { "\($0.table)/\($0.schema.name)" } ?? "tree \(tree)"
    }

    /// How the rows of a tree are made up.
    func layout(_ tree: UInt32) -> RowLayout {
        guard let family = state?.families[tree], family.schema.name == "v" else { return .unknown }
        return .chat(family.table)
    }

    /// What the manifest says of the table file of this number.
    func table(_ number: UInt64) -> TableMetadata? {
        state?.files.values.lazy.flatMap(\.values).compactMap { $0[number] }.first
    }
}
