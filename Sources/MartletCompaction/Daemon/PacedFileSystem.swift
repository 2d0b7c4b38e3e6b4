package import MartletStore
import Synchronization

/// One claim's work as seen from outside: how far it is, and whether anybody wants it still.
package final class ClaimControl: Sendable {
    private let moved = Atomic<UInt64>(0)
    private let cancelled = Atomic<Bool>(false)

    package init() {}

    /// Bytes read and written.
    package var bytes: UInt64 { moved.load(ordering: .relaxed) }
    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    package func cancel() { cancelled.store(true, ordering: .relaxed) }
    func add(_ bytes: Int) { moved.wrappingAdd(UInt64(bytes), ordering: .relaxed) }
}

/// The files of one claim: reads and writes are counted and held back to the allowed speed, what
/// was moved leaves the page cache behind it, and a claim that is cancelled fails at its next step.
package struct PacedFileSystem: FileSystem {
    private let base: any FileSystem
    let allowance: ByteAllowance
    let control: ClaimControl

    package init(
        _ base: any FileSystem, allowance: ByteAllowance, control: ClaimControl
    ) {
        self.base = base
        self.allowance = allowance
        self.control = control
    }

    func pace(_ bytes: Int, _ path: String) throws(StoreError) {
        control.add(bytes)
        var wait = allowance.take(bytes)
        while wait > 0, !control.isCancelled {
            let step = min(wait, 50_000)
            let nap = Monitor()
            nap.withLock { nap.wait(microseconds: step) }
            wait -= step
        }
        guard !control.isCancelled else {
            throw StoreError(.closed, "the claim is given up", path: path)
        }
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        try base.createDirectory(path)
    }

    package func list(_ directory: String) throws(StoreError) -> [String] {
        try base.list(directory)
    }

    package func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File {
        try pace(0, path)
        return PacedFile(try base.open(path, mode), self)
    }

    package func exists(_ path: String) -> Bool { base.exists(path) }

    package func rename(_ source: String, to target: String) throws(StoreError) {
        try base.rename(source, to: target)
    }

    package func link(_ source: String, to target: String) throws(StoreError) {
        try base.link(source, to: target)
    }

    package func remove(_ path: String) throws(StoreError) { try base.remove(path) }

    package func removeDirectory(_ path: String) throws(StoreError) {
        try base.removeDirectory(path)
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        try base.syncDirectory(path)
    }

    package func freeSpace(_ path: String) throws(StoreError) -> UInt64 {
        try base.freeSpace(path)
    }

    package func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock {
        try base.lock(path, owner: owner)
    }
}

/// A file that leaves nothing in the page cache for long.
private final class PacedFile: File {
    /// Bytes read, and written, between two times that the pages are let go of.
    static let readStep: UInt64 = 4 << 20
    static let writeStep: UInt64 = 8 << 20

    private let file: any File
    private let system: PacedFileSystem
    private let read = Atomic<UInt64>(0)
    private let written = Atomic<UInt64>(0)

    init(_ file: any File, _ system: PacedFileSystem) {
        self.file = file
        self.system = system
    }

    deinit { file.dropPageCache() }

    var path: String { file.path }

    /// Whether the counter has gone over another step.
    private func steps(_ counter: borrowing Atomic<UInt64>, _ bytes: Int, _ step: UInt64) -> Bool {
        let (before, after) = counter.wrappingAdd(UInt64(bytes), ordering: .relaxed)
        return before / step != after / step
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int {
        try system.pace(buffer.count, path)
        let count = try file.read(into: buffer, at: offset)
        if steps(read, count, Self.readStep) { file.dropPageCache() }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        try system.pace(bytes.count, path)
        try file.write(bytes, at: offset)
        // Only clean pages can be let go of; and many dirty ones at once hold up others' syncs.
        if steps(written, bytes.count, Self.writeStep) { try sync() }
    }

    func sync() throws(StoreError) {
        try file.sync()
        file.dropPageCache()
    }

    func size() throws(StoreError) -> UInt64 { try file.size() }
    func allocate(_ size: UInt64) throws(StoreError) { try file.allocate(size) }
    func truncate(to size: UInt64) throws(StoreError) { try file.truncate(to: size) }
    func dropPageCache() { file.dropPageCache() }

    func close() {
        file.dropPageCache()
        file.close()
    }
}
