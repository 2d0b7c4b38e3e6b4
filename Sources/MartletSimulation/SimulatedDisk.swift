import MartletStore

/// What goes wrong at a chosen operation.
package enum DiskFailure: Sendable {
    /// The operation fails. Of a failed sync's writes nothing reaches the medium, ever, and later
    /// syncs succeed: as Linux behaves.
    case io
    /// The operation fails for want of space; operations that need none fail with an I/O error.
    case noSpace
    /// A write leaves its first half; other operations fail with an I/O error.
    case shortWrite
    /// This operation and all later ones fail, until `crash`.
    case powerCut
}

/// A disk that keeps apart what was written and what was made durable, and loses the difference
/// when told to crash. Deterministic: the same calls and seeds give the same bytes.
///
/// `@unchecked Sendable`: all state is used under `monitor` only; the nodes are not handed out.
package final class SimulatedDisk: FileSystem, @unchecked Sendable {
    enum Entry {
        case file(DiskNode)
        case directory
    }

    /// Names changed together, in one directory, or two for a rename from one to the other.
    struct NameChange {
        var order: UInt64
        var directories: Set<String>
        var names: [(path: String, entry: Entry?)]
        /// A directory that is renamed, with all that is durable in it by then.
        var moved: (source: String, target: String)?
    }

    let monitor = Monitor()
    var current: [String: Entry] = [:]
    var durable: [String: Entry] = [:]
    var nameChanges: [NameChange] = []
    var owners: [String: String] = [:]
    /// Counts crashes: what was opened before one is of no use after it.
    var generation = 0
    var operationCount: UInt64 = 0
    var failures: [UInt64: DiskFailure] = [:]
    var isOff = false
    var used = 0
    var limit: Int?
    var hasLinks = true
    var traceLines: [String]?
    /// Whether operations are those of a checker, which count for nothing.
    var isObserved = false

    package init() {}

    /// Bytes that all files may take together; `nil` for no limit.
    package var capacity: Int? {
        get { monitor.withLock { limit } }
        set { monitor.withLock { limit = newValue } }
    }

    /// Whether a file can have a second name; off, `link` throws `.unsupported`.
    package var allowsLinks: Bool {
        get { monitor.withLock { hasLinks } }
        set { monitor.withLock { hasLinks = newValue } }
    }

    /// Operations so far, failed ones too.
    package var operations: UInt64 { monitor.withLock { operationCount } }

    /// Makes operation number `n` fail, counted from 1 at the disk's making.
    package func failOperation(at n: UInt64, _ failure: DiskFailure) {
        monitor.withLock { failures[n] = failure }
    }

    /// Bytes that all files take together.
    package var usedBytes: Int { monitor.withLock { used } }

    /// Plans no failure any more.
    package func forgetFailures() { monitor.withLock { failures.removeAll() } }

    /// Lets a checker read the disk without moving a planned failure: what `body` does is not
    /// counted and does not fail, not even while the power is off.
    package func observe<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        monitor.withLock { isObserved = true }
        defer { monitor.withLock { isObserved = false } }
        return try body()
    }

    /// Begins to keep a line per operation.
    package func startTrace() { monitor.withLock { traceLines = [] } }
    package var trace: [String] { monitor.withLock { traceLines ?? [] } }

    /// Cuts the power and boots again: unsynced changes are lost as `mode` and `seed` say, locks
    /// are free, planned failures are forgotten, and all files opened before are dead.
    package func crash(seed: UInt64, mode: CrashMode = .random) {
        monitor.withLock {
            var crash = DiskCrash(mode: mode, seed: seed, operations: operationCount)
            settleNames(&crash)
            var nodes: [ObjectIdentifier: DiskNode] = [:]
            var order: [DiskNode] = []
            // In the order of names: the same seed must meet the same files.
            for path in durable.keys.sorted() {
                guard case .file(let node)? = durable[path] else { continue }
                if nodes.updateValue(node, forKey: ObjectIdentifier(node)) == nil {
                    order.append(node)
                }
            }
            for node in order { crash.settle(node) }
            current = durable
            used = order.reduce(0) { $0 + $1.current.count }
            owners.removeAll()
            failures.removeAll()
            isOff = false
            generation += 1
        }
    }

    private func settleNames(_ crash: inout DiskCrash) {
        let directories = Set(nameChanges.flatMap(\.directories)).sorted()
        var lastKept: [String: UInt64] = [:]
        for directory in directories {
            let orders = nameChanges.filter { $0.directories.contains(directory) }.map(\.order)
            let kept = crash.keptChanges(of: orders)
            lastKept[directory] = kept == 0 ? 0 : orders[kept - 1]
        }
        for change in nameChanges {
            let isKept = change.directories.contains { change.order <= lastKept[$0] ?? 0 }
            if isKept { apply(change) }
        }
        nameChanges.removeAll()
        // What was in a directory that was lost is lost.
        var isComplete = false
        while !isComplete {
            isComplete = true
            for path in durable.keys where !isDirectory(Self.parent(of: path), in: durable) {
                durable[path] = nil
                isComplete = false
            }
        }
    }

    func apply(_ change: NameChange) {
        for (path, entry) in change.names { durable[path] = entry }
        if let (source, target) = change.moved { Self.move(source, to: target, in: &durable) }
    }

    static func move(_ source: String, to target: String, in entries: inout [String: Entry]) {
        for (path, entry) in entries where path == source || path.hasPrefix(source + "/") {
            entries[path] = nil
            entries[target + path.dropFirst(source.count)] = entry
        }
    }

    func isDirectory(_ path: String, in entries: [String: Entry]) -> Bool {
        if path.isEmpty || path == "/" { return true }
        if case .directory? = entries[path] { return true }
        return false
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
