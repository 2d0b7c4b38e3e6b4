/// How a file is opened.
package enum OpenMode: Sendable {
    /// Must exist; reads only.
    case read
    /// Must exist; reads and writes.
    case readWrite
    /// Must not exist; reads and writes.
    case create
}

/// The door to files. The real one is `SystemFileSystem`; `MartletSimulation` has one that loses,
/// tears and corrupts. Paths are strings with `/`; every error names its path.
package protocol FileSystem: Sendable {
    /// Creates the directory; no error where it exists. Parents must exist.
    func createDirectory(_ path: String) throws(StoreError)
    /// Names (not paths) of the entries of `directory`, in no order. `.notFound` if there is none.
    func list(_ directory: String) throws(StoreError) -> [String]
    /// `.notFound` where it must exist and does not, `.alreadyExists` where it must not and does.
    func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File
    func exists(_ path: String) -> Bool
    /// Renames a file, atomically replacing `target`, or a directory, whose new name must be free.
    /// Durable only after `syncDirectory` of the parents.
    func rename(_ source: String, to target: String) throws(StoreError)
    /// A second name for the same file. `.unsupported` where there can be none: on another file
    /// system, or on one without such links.
    func link(_ source: String, to target: String) throws(StoreError)
    func remove(_ path: String) throws(StoreError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(StoreError)
    /// Makes creations, renames and removals in `path` durable.
    func syncDirectory(_ path: String) throws(StoreError)
    /// Bytes that can still be written under `path`.
    func freeSpace(_ path: String) throws(StoreError) -> UInt64
    /// Takes the lock file at `path` for this process, writing `owner` into it. `.locked`, with the
    /// holder's text in the message, if another holds it. Released when the value is released.
    func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock
}

/// A held lock; dropping the last reference releases it.
package protocol FileLock: AnyObject, Sendable {}

/// An open file. Reads and writes are positional and may run on several threads at once.
package protocol File: AnyObject, Sendable {
    var path: String { get }
    /// Fills `buffer` from `offset`; returns less than its count only at the end of the file.
    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int
    /// Writes all of `bytes` or throws (`.noSpace` for ENOSPC, EDQUOT; `.io` else).
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError)
    /// Makes the written bytes, and the size, durable (fdatasync).
    func sync() throws(StoreError)
    func size() throws(StoreError) -> UInt64
    /// Reserves blocks so that writes below `size` cannot meet a full disk; the file grows to it,
    /// reading as zeros.
    func allocate(_ size: UInt64) throws(StoreError)
    func truncate(to size: UInt64) throws(StoreError)
    /// Tells the kernel that this file's clean pages will not be read soon.
    func dropPageCache()
    /// Closes now; later calls throw `.closed`. Dropping the last reference closes as well.
    func close()
}
