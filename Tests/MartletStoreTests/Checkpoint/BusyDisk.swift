import MartletSimulation

@testable import MartletStore

/// A disk that lets something else happen before some of its operations: what other threads do,
/// in an order that a seed decides.
///
/// `@unchecked Sendable`: used by the one thread of its test; what it calls comes back on the same
/// thread and is told apart by `isInside`.
final class BusyDisk: FileSystem, @unchecked Sendable {
    private let disk: SimulatedDisk
    private var isInside = false
    /// Called before each operation while it is set.
    var meanwhile: (() -> Void)?

    init(_ disk: SimulatedDisk) { self.disk = disk }

    private func pause() {
        guard let meanwhile, !isInside else { return }
        isInside = true
        meanwhile()
        isInside = false
    }

    func createDirectory(_ path: String) throws(StoreError) {
        pause()
        try disk.createDirectory(path)
    }

    func list(_ directory: String) throws(StoreError) -> [String] {
        pause()
        return try disk.list(directory)
    }

    func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File {
        pause()
        return try disk.open(path, mode)
    }

    func exists(_ path: String) -> Bool { disk.exists(path) }

    func rename(_ source: String, to target: String) throws(StoreError) {
        pause()
        try disk.rename(source, to: target)
    }

    func link(_ source: String, to target: String) throws(StoreError) {
        pause()
        try disk.link(source, to: target)
    }

    func remove(_ path: String) throws(StoreError) { try disk.remove(path) }

    func removeDirectory(_ path: String) throws(StoreError) { try disk.removeDirectory(path) }

    func syncDirectory(_ path: String) throws(StoreError) {
        pause()
        try disk.syncDirectory(path)
    }

    func freeSpace(_ path: String) throws(StoreError) -> UInt64 {
        pause()
        return try disk.freeSpace(path)
    }

    func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock {
        pause()
        return try disk.lock(path, owner: owner)
    }
}
