import Foundation
import MartletStore

/// Martlet through its public interface.
final class MartletEngine: StorageEngine {
    let store: Store
    private let family: Family
    private let durability: Durability

    static let optionLines = [
        "defaults (lz4, bottom zstd, 16 KiB blocks, row filter, memtable 64 MiB), and:",
        "memory budget (cache, filters, indexes and memtables together) of --cache bytes (512 MiB)",
        "filter on row and 16-byte prefix (chat); one family, empty qualifier, one version",
        "durability: .written or .synced",
    ]

    /// - Parameter durability: another one than the settings'.
    init(_ settings: EngineSettings, durability: Durability? = nil) throws {
        var options = StoreOptions()
        options.memoryBudget = settings.cacheBytes
        options.compactsAutomatically = settings.compacts
        options.logRetainedBytes = settings.retainedLogBytes
        store = try Store.open(at: settings.directory, options: options)
        if let table = store.tables.first {
            family = try table.family("cells")
        } else {
            let filter: FilterKind =
                settings.prefixLength.map { .rowAndPrefix(length: $0) } ?? .row
            let schema = FamilySchema("cells", filter: filter)
            family = try store.createTable("rows", families: [schema]).family("cells")
        }
        self.durability = durability ?? (settings.synced ? .synced : .written)
    }

    func session() -> any EngineSession {
        MartletSession(store: store, family: family, durability: durability)
    }

    func settle() throws {
        try store.flush()
        store.waitUntilSettled()
    }

    func compactAll() throws {
        // As the store's own thread for merges has it; here the calling thread does their part.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        try store.compact()
    }

    func close() throws { try store.close() }
}

private final class MartletSession: EngineSession {
    private let store: Store
    private let family: Family
    private let durability: Durability
    private let qualifier: [UInt8] = []
    private var batch = WriteBatch()

    init(store: Store, family: Family, durability: Durability) {
        self.store = store
        self.family = family
        self.durability = durability
    }

    func append(_ first: KeyValue, _ second: KeyValue) throws {
        batch.removeAll()
        try batch.put(family, row: first.key, qualifier: qualifier, value: first.value)
        try batch.put(family, row: second.key, qualifier: qualifier, value: second.value)
        try store.write(batch, durability: durability)
    }

    func put(_ row: KeyValue) throws {
        batch.removeAll()
        try batch.put(family, row: row.key, qualifier: qualifier, value: row.value)
        try store.write(batch, durability: durability)
    }

    func get(_ key: UnsafeRawBufferPointer, into digest: inout Digest) throws -> Bool {
        guard let value = try store.get(family, row: key, qualifier: qualifier) else {
            return false
        }
        value.withUnsafeBytes { digest.add(key: key, value: $0) }
        return true
    }

    func lastRows(
        of prefix: UnsafeRawBufferPointer, limit: Int, into digest: inout Digest
    ) throws {
        var scan = Scan.prefix(prefix)
        scan.reversed = true
        scan.limit = limit
        try read(scan, into: &digest)
    }

    func scanAll(into digest: inout Digest) throws { try read(Scan(), into: &digest) }

    private func read(_ scan: Scan, into digest: inout Digest) throws {
        var sum = digest
        try store.scan(family, scan).forEachCell { cell in
            sum.add(key: cell.row, value: cell.value)
            return true
        }
        digest = sum
    }
}
