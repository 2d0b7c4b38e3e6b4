import MartletSimulation
import MartletStore
import Synchronization

@testable import MartletReplication

/// A `ModelStore` behind the doors of the shells.
///
/// `@unchecked Sendable`: the store and the seeds are touched under `monitor` only.
final class MemoryNode: ShippingSource, FollowerStorage, @unchecked Sendable {
    private let monitor = Monitor()
    private var store = ModelStore()
    private var seeds: [UInt64: [UInt8]] = [:]

    func with<Value>(_ body: (inout ModelStore) -> Value) -> Value {
        monitor.withLock { body(&store) }
    }

    static func primary() throws -> MemoryNode {
        let node = MemoryNode()
        let term = Term(epoch: 1, incarnation: 5, firstSequence: 1, keepsCursors: false)
        let history = try TermHistory([term])
        node.with { store in
            store.history = history
            store.promise = TermID(term)
            store.role = .primary
            store.exists = true
        }
        return node
    }

    /// An empty store of the same id, which needs no seed.
    static func follower(of primary: MemoryNode) -> MemoryNode {
        let node = MemoryNode()
        let history = primary.with { $0.history }
        node.with { store in
            store.history = history
            store.exists = true
        }
        return node
    }

    func write(_ count: Int) {
        with { store in
            let first = store.last + 1
            store.write((0..<UInt64(count)).map { first + $0 }, trees: 0)
            store.synced = store.entries.count
        }
    }

    // MARK: Doors

    func state() throws(StoreError) -> PrimaryState { with { $0.primaryState(replicas: 0) } }

    func read(
        after: UInt64, bytes: Int, connection: Int, state: PrimaryState
    ) -> ShipperSession.Reading {
        with { $0.records(after: Int(after), bytes: bytes) }
    }

    func forget(connection: Int) {}

    func catalog() throws(StoreError) -> (edit: ManifestEdit, nextTree: UInt32) {
        with { ($0.catalog, $0.trees) }
    }

    func openSeed(_ seed: UInt64, path: String) throws(StoreError) -> SeedOffer {
        monitor.withLock {
            let image = store.image()
            seeds[seed] = image
            return ModelStore.offer(
                seed, image, sequence: UInt64(store.synced), store.history)
        }
    }

    func readSeed(_ range: SeedRange) throws(StoreError) -> SeedData {
        let image = monitor.withLock { seeds[range.seed] }
        guard let image else { throw StoreError(.notFound, "no such seed") }
        let start = (range.file == 0 ? 0 : image.count / 2) + Int(range.offset)
        return SeedData(
            seed: range.seed, file: range.file, offset: range.offset,
            bytes: Array(image[start..<start + Int(range.count)]))
    }

    func closeSeed(_ seed: UInt64) { monitor.withLock { seeds[seed] = nil } }

    func state() -> FollowerState { with { $0.state } }

    func perform(_ work: FollowerWork) -> FollowerOutcome { with { $0.perform(work) } }
}

/// What the shells told the operator.
///
/// `@unchecked Sendable`: the lines are touched under `monitor` only.
final class Notices: @unchecked Sendable {
    private let monitor = Monitor()
    private var lines: [String] = []

    func add(_ line: String) { monitor.withLock { lines.append(line) } }
    func contain(_ text: String) -> Bool {
        monitor.withLock { lines.contains { $0.contains(text) } }
    }
    var all: [String] { monitor.withLock { lines } }
}
