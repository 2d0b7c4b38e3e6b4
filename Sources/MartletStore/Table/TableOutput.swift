/// Gathers a table's blocks in one buffer and writes it to the file in few large pieces.
struct TableOutput: ~Copyable {
    private let file: any File
    private var buffer: UnsafeMutableRawPointer
    private var capacity = 512 << 10
    private var filled = 0
    private var written: UInt64 = 0

    init(_ file: any File) {
        self.file = file
        buffer = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { buffer.deallocate() }

    /// Where the next byte goes in the file.
    var offset: UInt64 { written + UInt64(filled) }

    /// Compresses `content`, adds its trailer and appends it.
    mutating func append(
        _ content: UnsafeRawBufferPointer, _ compressor: inout BlockCompressor, table: UInt64
    ) throws(StoreError) -> BlockHandle {
        try makeRoom(content.count + TableFormat.trailerSize)
        let start = offset
        let size = compressor.store(content, into: buffer + filled, table: table, offset: start)
        filled += size + TableFormat.trailerSize
        return BlockHandle(offset: start, size: UInt32(size))
    }

    mutating func append(_ bytes: [UInt8]) throws(StoreError) {
        try makeRoom(bytes.count)
        let target = UnsafeMutableRawBufferPointer(start: buffer + filled, count: bytes.count)
        target.copyBytes(from: bytes)
        filled += bytes.count
    }

    mutating func flush() throws(StoreError) {
        guard filled > 0 else { return }
        try file.write(UnsafeRawBufferPointer(start: buffer, count: filled), at: written)
        written += UInt64(filled)
        filled = 0
    }

    private mutating func makeRoom(_ count: Int) throws(StoreError) {
        if filled + count <= capacity { return }
        try flush()
        if count > capacity {
            buffer.deallocate()
            capacity = count
            buffer = .allocate(byteCount: capacity, alignment: 64)
        }
    }
}
