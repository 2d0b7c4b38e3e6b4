import MartletSimulation

@testable import MartletStore

/// A manifest on a simulated disk.
struct ManifestFixture {
    static let directory = "/store"
    static let storeID = StoreID(low: 0x0123_4567_89ab_cdef, high: 0xfedc_ba98_7654_3210)

    let disk = SimulatedDisk()
    var state = ManifestState(storeID: Self.storeID)

    init() throws {
        try disk.createDirectory(Self.directory)
        try disk.syncDirectory("/")
    }

    var path: String { Self.directory + "/MANIFEST-000000000001" }

    func writer(number: UInt64 = 1, rotationSize: UInt64? = nil) throws(StoreError)
        -> ManifestWriter
    {
        try ManifestWriter(
            disk, directory: Self.directory, number: number, state: state,
            rotationSize: rotationSize)
    }

    func read() throws(StoreError) -> ManifestReader.Result {
        try ManifestReader.read(disk, directory: Self.directory)
    }

    static func table(_ number: UInt64, tree: UInt32 = 1, level: UInt8 = 0) -> TableMetadata {
        TableMetadata(
            tree: tree, level: level, number: number, tableID: number &* 0x9e37_79b9_7f4a_7c15,
            size: 1000 + number, smallestRow: [1, 2, UInt8(truncatingIfNeeded: number)],
            largestRow: [9], minSequence: number, maxSequence: number + 10, cellCount: 11,
            tombstoneCount: 2, rangeTombstoneCount: 1, minTimestamp: 5, maxTimestamp: 6,
            createdAt: 7)
    }

    static let start = ManifestEdit([
        .epoch(2), .createTable("users"),
        .createFamily(
            tree: 1, table: "users",
            schema: FamilySchema(
                "a", maxVersions: nil, timeToLive: 99, compression: .none, bottomCompression: .lz4,
                blockSize: 4096, filter: .rowAndPrefix(length: 10))),
        .createFamily(tree: 2, table: "users", schema: FamilySchema("b", filter: .none)),
    ])

    /// The edits after `start`: one file each, now and then one moved down and one removed.
    static func edit(_ number: UInt64) -> ManifestEdit {
        var fields: [ManifestEdit.Field] = [
            .addFile(table(number)), .flushedSequence(tree: 1, sequence: number + 10),
            .lastSequence(number + 10), .lastTimestamp(number), .minLogSegment(number / 2 + 1),
        ]
        if number % 3 == 0 {
            fields.append(.removeFile(tree: 1, level: 0, number: number - 1))
            fields.append(.addFile(table(number - 1, level: 1)))
        }
        if number % 3 == 0, number > 3 {
            fields.append(.removeFile(tree: 1, level: 1, number: number - 4))
        }
        return ManifestEdit(fields)
    }
}
