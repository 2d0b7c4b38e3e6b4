import MartletSimulation
import MartletStore

@testable import MartletReplication

/// A store as replication sees it, in memory: a log with a synced part, a durable history and
/// promise, and tables that data moves to.
struct ModelStore {
    /// What one sequence holds; `id` 0 is a gap.
    struct Entry: Hashable {
        var id: UInt64
        var epoch: UInt32
        var tree: UInt32
    }

    enum Role { case primary, follower, deposed }

    static let id = StoreID(low: 1, high: 2)

    /// Of sequence 1 and on.
    var entries: [Entry] = []
    /// How many of them are on the disk.
    var synced = 0
    /// The log does not reach back before the one behind this many.
    var base = 0
    /// So many are in tables, and cannot be cut.
    var flushed = 0
    var visible = 0
    var history = TermHistory()
    var promise = TermID.zero
    var role = Role.follower
    var trees: UInt32 = 1
    var exists = false
    var wasClosed = true
    /// A seed that is arriving: its id and its bytes.
    var seed: UInt64 = 0
    var seedBytes: [UInt8] = []
    var isFull = false

    var last: UInt64 { UInt64(entries.count) }

    var state: FollowerState {
        var state = FollowerState(
            storeID: exists ? Self.id : nil, history: history, lastSequence: UInt64(synced),
            visible: UInt64(visible), promise: promise, nextTree: exists ? trees : 0)
        state.seed = seed
        return state
    }

    /// The power goes: of what was not synced a beginning survives.
    mutating func crash(using random: inout SeededGenerator) {
        entries.removeLast(
            entries.count - Int.random(in: synced...max(synced, entries.count), using: &random))
        synced = entries.count
        if !seedBytes.isEmpty {
            seedBytes.removeLast(Int.random(in: 0...seedBytes.count, using: &random))
        }
        // Only what is in tables is sure to be seen before the log was read again.
        visible = min(visible, synced)
    }

    /// The process dies; the machine goes on.
    mutating func kill() { synced = entries.count }

    // MARK: As a primary

    /// Opening for writing after an unclean stop begins a term.
    mutating func open(_ incarnation: UInt64) throws {
        if !wasClosed, let current = history.current {
            try history.begin(
                Term(
                    epoch: current.epoch, incarnation: incarnation,
                    firstSequence: last + 1, keepsCursors: true))
            promise = history.currentID
        }
        wasClosed = false
    }

    mutating func write(_ ids: [UInt64], trees written: UInt32) {
        for id in ids {
            entries.append(
                Entry(
                    id: id, epoch: history.currentID.epoch, tree: id == 0 ? 0 : written))
        }
    }

    /// Records behind `after`, at least one and about so many bytes.
    func records(after: Int, bytes: Int) -> ShipperSession.Reading {
        guard after >= base else { return .gone }
        var records: [ShippedRecord] = []
        var treesEnd: UInt32 = 0
        var size = 0
        var index = after
        while index < entries.count, size < bytes {
            let entry = entries[index]
            if entry.id == 0 {
                let first = index
                let term = history.term(of: UInt64(first + 1))
                while index < entries.count, entries[index].id == 0,
                    history.term(of: UInt64(index + 1)) == term
                { index += 1 }
                records.append(
                    ShippedRecord(
                        kind: .gap, epoch: entry.epoch, sequence: UInt64(index + 1),
                        payload: []))
            } else {
                records.append(Self.record(entry, sequence: UInt64(index + 1)))
                treesEnd = max(treesEnd, entry.tree + 1)
                index += 1
            }
            size += 20
        }
        return .records(records, treesEnd: treesEnd)
    }

    static func record(_ entry: Entry, sequence: UInt64) -> ShippedRecord {
        var encoder = FieldEncoder()
        encoder.put(entry.id)
        encoder.put(UInt32(1))
        encoder.put(entry.tree)
        return ShippedRecord(
            kind: .batch, epoch: entry.epoch, sequence: sequence, payload: encoder.bytes)
    }

    var catalog: ManifestEdit {
        var fields: [ManifestEdit.Field] = [.createTable("t")]
        for tree in 0..<trees {
            fields.append(
                .createFamily(tree: tree, table: "t", schema: FamilySchema("f\(tree)")))
        }
        return ManifestEdit(fields)
    }

    func primaryState(replicas: UInt8) -> PrimaryState {
        PrimaryState(
            storeID: Self.id, history: history, segment: 1, offset: last * 20,
            nextSequence: last + 1, nextTree: trees, replicas: replicas,
            isDeposed: role == .deposed)
    }

    // MARK: Seeds

    /// All that is synced, as bytes.
    func image() -> [UInt8] {
        var encoder = FieldEncoder()
        encoder.put(trees)
        for entry in entries[..<synced] {
            encoder.put(entry.id)
            encoder.put(entry.epoch)
            encoder.put(entry.tree)
        }
        return encoder.bytes
    }

    /// Two files, so that a seed has more than one.
    static func offer(
        _ seed: UInt64, _ image: [UInt8], sequence: UInt64, _ history: TermHistory
    ) -> SeedOffer {
        let half = image.count / 2
        let parts = [("CURRENT", image[..<half]), ("tables/1.sst", image[half...])]
        return SeedOffer(
            seed: seed, sequence: sequence, history: history,
            files: parts.map { name, bytes in
                SeedOffer.File(
                    name: name, size: UInt64(bytes.count),
                    checksum: bytes.withUnsafeBytes { Checksum.crc32c($0) })
            })
    }
}
