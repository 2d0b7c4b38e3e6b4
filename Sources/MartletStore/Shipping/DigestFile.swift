/// A store's digest, with what it takes to compare another store with it elsewhere:
/// docs/formats/digest.md.
package struct DigestFile: Sendable, Hashable {
    /// The store's id.
    package var storeID: StoreID
    /// The terms of its log.
    package var history: TermHistory
    /// Microseconds since 1970 by which cells expire.
    package var moment: UInt64
    /// A range ends with the row in which it reaches so many cells.
    package var cellsPerRange: Int
    /// What the store comes to.
    package var digest: StoreDigest

    package init(
        storeID: StoreID, history: TermHistory, moment: UInt64, cellsPerRange: Int,
        digest: StoreDigest
    ) {
        self.storeID = storeID
        self.history = history
        self.moment = moment
        self.cellsPerRange = cellsPerRange
        self.digest = digest
    }

    /// Larger files are refused.
    package static let bytesMax = 256 << 20

    /// Writes the file, durably and in one step: a file of this name is replaced.
    ///
    /// - Throws: `.io`, `.noSpace`.
    package func write(to path: String, _ fileSystem: any FileSystem) throws(StoreError) {
        let fresh = path + ".new"
        if fileSystem.exists(fresh) { try fileSystem.remove(fresh) }
        let file = try fileSystem.open(fresh, .create)
        defer { file.close() }
        try text.withBytes { (bytes) throws(StoreError) in try file.write(bytes, at: 0) }
        try file.sync()
        try fileSystem.rename(fresh, to: path)
    }

    /// Reads a file that `write` has made.
    ///
    /// - Throws: `.corruption` for anything else, `.unsupported` for a newer version; `.notFound`,
    ///   `.io`.
    package static func read(
        _ path: String, _ fileSystem: any FileSystem
    ) throws(StoreError) -> DigestFile {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let size = try file.size()
        guard size <= UInt64(bytesMax) else {
            throw StoreError(.corruption, "\(size) bytes are too many for a digest", path: path)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(size), alignment: 8)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer, at: 0)
        do throws(StoreError) {
            return try DigestFile(text: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
            throw StoreError(error.code, error.message, path: path, offset: error.offset)
        }
    }
}
