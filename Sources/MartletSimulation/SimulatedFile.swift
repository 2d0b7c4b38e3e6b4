import MartletStore

/// An open file of a simulated disk.
///
/// `@unchecked Sendable`: the node and `isClosed` are used under the disk's `monitor` only.
final class SimulatedFile: File, @unchecked Sendable {
    let path: String
    private let disk: SimulatedDisk
    private let node: DiskNode
    private let generation: Int
    private let isWritable: Bool
    private var isClosed = false

    init(
        _ disk: SimulatedDisk, path: String, node: DiskNode, generation: Int, isWritable: Bool
    ) {
        self.disk = disk
        self.path = path
        self.node = node
        self.generation = generation
        self.isWritable = isWritable
    }

    /// Counts the operation and runs it under the disk's lock.
    private func perform<Value>(
        _ what: String, writes: Bool = false,
        _ body: (DiskFailure?) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try disk.monitor.withLock { () throws(StoreError) in
            guard !isClosed else { throw StoreError(.closed, "the file is closed", path: path) }
            guard generation == disk.generation else {
                throw StoreError(.io, "simulated: opened before the crash", path: path)
            }
            guard isWritable || !writes else {
                throw StoreError(.io, "simulated: opened to read", path: path)
            }
            return try body(try disk.count(what, path))
        }
    }

    private func apply(_ kind: DiskNode.Change.Kind, size: Int) throws(StoreError) {
        let growth = max(0, size - node.current.count)
        if let limit = disk.limit, disk.used + growth > limit {
            throw StoreError(.noSpace, "simulated: no space left", path: path)
        }
        let before = node.current.count
        node.apply(kind, order: disk.operationCount)
        disk.used += node.current.count - before
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int {
        try perform("read") { _ throws(StoreError) in
            guard offset < UInt64(node.current.count) else { return 0 }
            let bytes = node.current[Int(offset)...].prefix(buffer.count)
            bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
            return bytes.count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        try perform("write", writes: true) { failure throws(StoreError) in
            let count = failure == nil ? bytes.count : bytes.count / 2
            let kept = Array(bytes.prefix(count))
            try apply(.write(offset: Int(offset), bytes: kept), size: Int(offset) + count)
            if failure != nil {
                throw StoreError(.io, "simulated: a short write", path: path)
            }
        }
    }

    func sync() throws(StoreError) {
        try perform("sync") { failure throws(StoreError) in
            if failure != nil {
                // The kernel marks the pages clean: no later sync will write them.
                node.changes.removeAll()
                throw StoreError(.io, "simulated: sync failed", path: path)
            }
            node.sync()
        }
    }

    func size() throws(StoreError) -> UInt64 {
        try perform("size") { _ throws(StoreError) in UInt64(node.current.count) }
    }

    func allocate(_ size: UInt64) throws(StoreError) {
        try perform("allocate", writes: true) { _ throws(StoreError) in
            let size = max(Int(size), node.current.count)
            try apply(.resize(size), size: size)
        }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        try perform("truncate", writes: true) { _ throws(StoreError) in
            try apply(.resize(Int(size)), size: Int(size))
        }
    }

    func dropPageCache() {}

    func close() { disk.monitor.withLock { isClosed = true } }
}
