extension FileSystem {
    private static var chunk: Int { 1 << 20 }

    /// Copies a file into a new one, whose bytes are durable on return; its name is after
    /// `syncDirectory`.
    ///
    /// - Parameters:
    ///   - count: how many bytes from the start; `nil` for all of the file.
    ///   - end: what the new file's size is at least: zeros, for which no room is reserved.
    ///   - proceed: called before each piece; what it throws ends the copy.
    /// - Returns: the bytes copied. Where this throws, an unfinished `target` may be left.
    package func copy(
        _ source: String, to target: String, count: UInt64? = nil, paddedTo end: UInt64 = 0,
        proceed: () throws(StoreError) -> Void = {}
    ) throws(StoreError) -> UInt64 {
        let from = try open(source, .read)
        defer { from.close() }
        let to = try open(target, .create)
        defer { to.close() }
        let size = try from.size()
        let all = count ?? size
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(min(UInt64(Self.chunk), max(all, 1))), alignment: 4096)
        defer { buffer.deallocate() }
        var offset: UInt64 = 0
        while offset < all {
            try proceed()
            let wanted = Int(min(UInt64(buffer.count), all - offset))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let read = try from.read(into: piece, at: offset)
            guard read == wanted else {
                throw StoreError(
                    .corruption, "the file ends too early", path: source,
                    offset: offset + UInt64(read))
            }
            try to.write(UnsafeRawBufferPointer(piece), at: offset)
            offset += UInt64(wanted)
        }
        if end > all { try to.truncate(to: end) }
        try to.sync()
        return all
    }
}
