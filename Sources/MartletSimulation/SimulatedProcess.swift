package import MartletStore

/// One process's view of a disk that several share: it can be killed, at once or at a chosen
/// operation, and operations of this process alone can be made to fail. The disk stays as it is.
///
/// `@unchecked Sendable`: all state is used under `monitor` only, but for `disk`, which guards
/// itself.
package final class SimulatedProcess: FileSystem, @unchecked Sendable {
    private let disk: any FileSystem
    private let monitor = Monitor()
    private var life = 0
    private var dead = false
    private var count: UInt64 = 0
    private var failures: [UInt64: DiskFailure] = [:]
    private var locks: [any FileLock] = []

    package init(_ disk: any FileSystem) { self.disk = disk }

    package var isDead: Bool { monitor.withLock { dead } }

    /// Operations so far.
    package var operations: UInt64 { monitor.withLock { count } }

    /// No operation does anything any more; locks are free.
    package func kill() {
        let held = monitor.withLock {
            dead = true
            defer { locks = [] }
            return locks
        }
        withExtendedLifetime(held) {}
    }

    /// A new process: what the old one opened is of no use to it.
    package func start() {
        kill()
        monitor.withLock {
            dead = false
            life += 1
            failures = [:]
        }
    }

    /// Makes the `n`-th operation from now fail; `.powerCut` kills the process there.
    package func fail(after n: UInt64, _ failure: DiskFailure) {
        monitor.withLock { failures[count + max(1, n)] = failure }
    }

    /// Plans no failure any more.
    package func forgetFailures() { monitor.withLock { failures = [:] } }

    func enter(_ path: String, life own: Int? = nil) throws(StoreError) {
        let failure = try monitor.withLock { () throws(StoreError) -> DiskFailure? in
            guard !dead, own == nil || own == life else {
                throw StoreError(.io, "simulated: the process is dead", path: path)
            }
            count += 1
            return failures[count]
        }
        switch failure {
        case nil: return
        case .powerCut:
            kill()
            throw StoreError(.io, "simulated: killed", path: path)
        case .noSpace: throw StoreError(.noSpace, "simulated: no space left", path: path)
        case .io, .shortWrite: throw StoreError(.io, "simulated: failed", path: path)
        }
    }

    package func createDirectory(_ path: String) throws(StoreError) {
        try enter(path)
        try disk.createDirectory(path)
    }

    package func list(_ directory: String) throws(StoreError) -> [String] {
        try enter(directory)
        return try disk.list(directory)
    }

    package func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File {
        try enter(path)
        let file = try disk.open(path, mode)
        return ProcessFile(file, self, life: monitor.withLock { life })
    }

    package func exists(_ path: String) -> Bool { disk.exists(path) }

    package func rename(_ source: String, to target: String) throws(StoreError) {
        try enter(source)
        try disk.rename(source, to: target)
    }

    package func link(_ source: String, to target: String) throws(StoreError) {
        try enter(source)
        try disk.link(source, to: target)
    }

    package func remove(_ path: String) throws(StoreError) {
        try enter(path)
        try disk.remove(path)
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        try enter(path)
        try disk.removeDirectory(path)
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        try enter(path)
        try disk.syncDirectory(path)
    }

    package func freeSpace(_ path: String) throws(StoreError) -> UInt64 {
        try enter(path)
        return try disk.freeSpace(path)
    }

    package func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock {
        try enter(path)
        let held = HeldLock()
        let lock = try disk.lock(path, owner: owner)
        held.release = { [weak self, weak lock] in
            self?.monitor.withLock { self?.locks.removeAll { $0 === lock } }
        }
        monitor.withLock { locks.append(lock) }
        return held
    }
}

/// A lock that its process loses when it is killed.
///
/// `@unchecked Sendable`: `release` is set once, before the lock is handed out.
private final class HeldLock: FileLock, @unchecked Sendable {
    var release: () -> Void = {}

    deinit { release() }
}

/// A file that its process has open.
private final class ProcessFile: File {
    private let file: any File
    private let process: SimulatedProcess
    private let life: Int

    init(_ file: any File, _ process: SimulatedProcess, life: Int) {
        self.file = file
        self.process = process
        self.life = life
    }

    var path: String { file.path }

    private func enter() throws(StoreError) { try process.enter(path, life: life) }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int {
        try enter()
        return try file.read(into: buffer, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        try enter()
        try file.write(bytes, at: offset)
    }

    func sync() throws(StoreError) {
        try enter()
        try file.sync()
    }

    func size() throws(StoreError) -> UInt64 {
        try enter()
        return try file.size()
    }

    func allocate(_ size: UInt64) throws(StoreError) {
        try enter()
        try file.allocate(size)
    }

    func truncate(to size: UInt64) throws(StoreError) {
        try enter()
        try file.truncate(to: size)
    }

    func dropPageCache() { file.dropPageCache() }

    func close() { file.close() }
}
