/// Reads and checks the blocks of one table file.
struct BlockSource: Sendable {
    let file: any File
    let tableID: UInt64
    let fileSize: UInt64

    /// The content of a block, from the disk. Checks the checksum always.
    func read(_ handle: BlockHandle) throws(StoreError) -> CachedBlock {
        var trailer = BlockCodec.Trailer(codec: 0, contentCount: 0)
        let stored = try load(handle) { bytes throws(StoreError) in
            switch BlockCodec.check(bytes, table: tableID, offset: handle.offset) {
            case .success(let checked): trailer = checked
            case .failure(let fault): throw corruption(handle, fault.message)
            }
            // A raw block is what was read, less its trailer.
            return trailer.codec == Compression.none.rawValue ? Int(handle.size) : bytes.count
        }
        if trailer.codec == Compression.none.rawValue { return stored }
        let payload = UnsafeRawBufferPointer(start: stored.base, count: Int(handle.size))
        return try CachedBlock(capacity: Int(trailer.contentCount)) {
            target throws(StoreError) in
            guard BlockCodec.expand(payload, codec: trailer.codec, into: target) else {
                throw corruption(handle, BlockFault.content.message)
            }
            return target.count
        }
    }

    /// Payload and trailer as they are in the file, unchecked.
    func readStored(_ handle: BlockHandle) throws(StoreError) -> CachedBlock {
        try load(handle) { bytes in bytes.count }
    }

    /// Reads payload and trailer, and keeps as much as `check` says.
    private func load(
        _ handle: BlockHandle, check: (UnsafeRawBufferPointer) throws(StoreError) -> Int
    ) throws(StoreError) -> CachedBlock {
        let end = handle.offset.addingReportingOverflow(handle.storedSize)
        let blocksEnd = fileSize - UInt64(TableFormat.footerSize)
        guard !end.overflow, end.partialValue <= blocksEnd, handle.size > 0 else {
            throw corruption(handle, "block handle points outside of the file")
        }
        return try CachedBlock(capacity: Int(handle.storedSize)) { buffer throws(StoreError) in
            guard try file.read(into: buffer, at: handle.offset) == buffer.count else {
                throw corruption(handle, BlockFault.short.message)
            }
            return try check(UnsafeRawBufferPointer(buffer))
        }
    }

    func corruption(_ handle: BlockHandle, _ message: String) -> StoreError {
        StoreError(.corruption, message, path: file.path, offset: handle.offset)
    }
}
