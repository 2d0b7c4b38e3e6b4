package import MartletStore

/// The files of a checkpoint, as a shipper offers them.
package enum SeedFiles {
    private static let chunk = 1 << 20

    /// Names, sizes and checksums of all files in `directory` and in its directories, in the order
    /// of their names.
    ///
    /// Reads all of it once. Throws `.io`, `.notFound`, and `.unsupported` for a name that cannot
    /// be sent.
    package static func list(
        _ directory: String, _ fileSystem: any FileSystem
    ) throws(StoreError) -> [SeedOffer.File] {
        var names: [String] = []
        for name in try fileSystem.list(directory) where name != "LOCK" {
            if let inner = try? fileSystem.list("\(directory)/\(name)") {
                names += inner.map { "\(name)/\($0)" }
            } else {
                names.append(name)
            }
        }
        var files: [SeedOffer.File] = []
        for name in names.sorted() {
            let (size, checksum) = try sum("\(directory)/\(name)", fileSystem)
            let file = SeedOffer.File(name: name, size: size, checksum: checksum)
            guard file.isSafe else {
                throw StoreError(.unsupported, "a seed cannot have the file \(name)")
            }
            files.append(file)
        }
        return files
    }

    /// Size and checksum of one file.
    package static func sum(
        _ path: String, _ fileSystem: any FileSystem
    ) throws(StoreError) -> (size: UInt64, checksum: UInt32) {
        let file = try fileSystem.open(path, .read)
        defer { file.close() }
        let size = try file.size()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 4096)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        var checksum: UInt32 = 0
        while offset < size {
            let count = try file.read(into: buffer, at: offset)
            guard count > 0 else { break }
            checksum = Checksum.crc32c(
                UnsafeRawBufferPointer(rebasing: buffer[..<count]), continuing: checksum)
            offset += UInt64(count)
        }
        return (offset, checksum)
    }

    /// One piece of one file.
    package static func read(
        _ range: SeedRange, of file: SeedOffer.File, in directory: String,
        _ fileSystem: any FileSystem
    ) throws(StoreError) -> SeedData {
        let open = try fileSystem.open("\(directory)/\(file.name)", .read)
        defer { open.close() }
        let bytes = try bytes(of: open, at: range.offset, count: Int(range.count))
        guard bytes.count == Int(range.count) else {
            throw StoreError(.corruption, "the seed's file is shorter", path: open.path)
        }
        return SeedData(
            seed: range.seed, file: range.file, offset: range.offset, bytes: bytes)
    }

    /// As many bytes as there are, at most `count`.
    static func bytes(
        of file: any File, at offset: UInt64, count: Int
    ) throws(StoreError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { buffer.deallocate() }
        let read = try file.read(into: buffer, at: offset)
        return Array(buffer[..<read])
    }
}
