/// One change to what the store consists of: fields that take effect together.
package struct ManifestEdit: Sendable, Equatable {
    /// One statement of an edit.
    package enum Field: Sendable, Equatable {
        /// The store's id: in the first edit of every manifest.
        case storeID(StoreID)
        /// The store's epoch; never goes back.
        case epoch(UInt32)
        /// The format that the store has been raised to.
        case formatVersion(UInt32)
        /// The least number that no file has had.
        case nextFileNumber(UInt64)
        /// The least id that no tree has had.
        case nextTree(UInt32)
        /// A sequence at or below which all sequences have been given out.
        case lastSequence(UInt64)
        /// The newest timestamp that the store gave out, microseconds since 1970.
        case lastTimestamp(UInt64)
        /// A new table.
        case createTable(String)
        /// A new family of a table, and its tree.
        case createFamily(tree: UInt32, table: String, schema: FamilySchema)
        /// The family and its files are gone.
        case dropFamily(tree: UInt32)
        /// A table file belongs to a tree.
        case addFile(TableMetadata)
        /// A table file does no longer.
        case removeFile(tree: UInt32, level: UInt8, number: UInt64)
        /// All of the tree's cells up to this sequence are in table files.
        case flushedSequence(tree: UInt32, sequence: UInt64)
        /// The oldest log segment with batches that are not all in table files.
        case minLogSegment(UInt64)
        /// Whether this is a checkpoint that nobody has opened for writing yet: whoever does raises
        /// the epoch and drops the mark.
        case checkpoint(Bool)
        /// A term begins: what is logged from its first sequence on is its.
        case term(Term)
        /// What the store is to the others that hold the same log.
        case role(StoreRole)
        /// The term that the store has promised to follow, or to be above.
        case promise(TermID)
        /// The log ends behind this sequence, whatever its files say: terms that begin behind are
        /// forgotten, and the last sequence is not above it.
        case cut(after: UInt64)
        /// The log's files say so themselves now.
        case cutDone
        /// Readers see nothing that fewer followers than this have, and followers count on it. A
        /// term of a higher epoch ends it.
        case readersWaitFor(UInt8)
    }

    /// In the order in which they take effect.
    package var fields: [Field]

    package init(_ fields: [Field] = []) { self.fields = fields }
}
