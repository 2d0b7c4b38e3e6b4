import MartletStore

extension FuzzTarget {
    private static let storeID = StoreID(low: 1, high: 2)

    /// An edit that is taken comes out the same again; a state that it leads to is told whole by
    /// its snapshot.
    static let manifest = FuzzTarget(
        name: "manifest", summary: "an edit of the manifest, on a store with two families",
        lengthMax: 2_048,
        seeds: { edits.map { $0.encoded() } },
        finding: { bytes in
            guard let edit = try? ManifestEdit(decoding: bytes[...]) else { return nil }
            guard (try? ManifestEdit(decoding: edit.encoded()[...])) == edit else {
                return "what was taken is not taken again: \(edit)"
            }
            var state = ManifestState(storeID: storeID)
            do {
                for known in edits.prefix(2) { try state.apply(known) }
            } catch {
                return "the beginning is refused: \(error)"
            }
            let before = state
            guard (try? state.apply(edit)) != nil else {
                return state == before ? nil : "a refused edit has left something"
            }
            var copy = ManifestState(storeID: storeID)
            guard let snapshot = try? ManifestEdit(decoding: state.snapshot.encoded()[...]),
                (try? copy.apply(snapshot)) != nil
            else { return "the snapshot is refused of \(state)" }
            return copy == state ? nil : "the snapshot of \(state) gives \(copy)"
        })

    private static var edits: [ManifestEdit] {
        [
            ManifestEdit([
                .epoch(2), .createTable("users"),
                .createFamily(
                    tree: 1, table: "users",
                    schema: FamilySchema("a", timeToLive: 99, filter: .rowAndPrefix(length: 10))),
                .createFamily(tree: 2, table: "users", schema: FamilySchema("b", filter: .none)),
            ]),
            ManifestEdit([
                .addFile(table(1, level: 0)), .flushedSequence(tree: 1, sequence: 11),
                .lastSequence(11), .lastTimestamp(1), .minLogSegment(1), .nextFileNumber(2),
            ]),
            ManifestEdit([.removeFile(tree: 1, level: 0, number: 1), .addFile(table(2, level: 1))]),
            ManifestEdit([.dropFamily(tree: 2), .nextTree(9), .checkpoint(true)]),
            ManifestEdit([
                .term(Term(epoch: 2, incarnation: 5, firstSequence: 7, keepsCursors: true)),
                .role(.deposed), .promise(TermID(epoch: 3, incarnation: 1)), .cut(after: 7),
            ]),
            ManifestEdit([.storeID(storeID), .formatVersion(1), .cutDone]),
        ]
    }

    private static func table(_ number: UInt64, level: UInt8) -> TableMetadata {
        TableMetadata(
            tree: 1, level: level, number: number, tableID: 77, size: 1_000, smallestRow: [1],
            largestRow: [9], minSequence: 1, maxSequence: 11, cellCount: 11, tombstoneCount: 2,
            rangeTombstoneCount: 1, minTimestamp: 5, maxTimestamp: 6, createdAt: 7)
    }
}
