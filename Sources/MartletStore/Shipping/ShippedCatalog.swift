/// The families of a store, as a follower must have them before a batch names them.
public struct ShippedCatalog: Sendable, Hashable {
    /// One family, and its tree's number, by which batches name it.
    public struct Entry: Sendable, Hashable {
        /// The number that batches have for the family.
        public var tree: UInt32
        /// The table that it belongs to.
        public var table: String
        /// Its name and settings.
        public var schema: FamilySchema

        /// A family with all of its parts.
        public init(tree: UInt32, table: String, schema: FamilySchema) {
            self.tree = tree
            self.table = table
            self.schema = schema
        }
    }

    /// In ascending order of trees, from 0 on without gaps.
    public var entries: [Entry]

    /// A catalog of `entries`.
    public init(_ entries: [Entry] = []) { self.entries = entries }
}
