/// The last 128 bytes of a table: where everything is.
struct TableFooter: Equatable {
    var topIndex = BlockHandle.none
    var rowFilter = BlockHandle.none
    var prefixFilter = BlockHandle.none
    var rangeTombstones = BlockHandle.none
    var properties = BlockHandle.none
    var tableID: UInt64 = 0
    var fileNumber: UInt64 = 0
    /// Bytes of the whole file, the footer included.
    var fileSize: UInt64 = 0

    private static let versionOffset = 112
    private static let checksumOffset = 116
    private static let magicOffset = 120

    func encode() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: TableFormat.footerSize)
        bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            let handles = [topIndex, rowFilter, prefixFilter, rangeTombstones, properties]
            for (index, handle) in handles.enumerated() {
                TableCoding.put(u64: handle.offset, base, index * 12)
                TableCoding.put(u32: handle.size, base, index * 12 + 8)
            }
            TableCoding.put(u64: tableID, base, 64)
            TableCoding.put(u64: fileNumber, base, 72)
            TableCoding.put(u64: fileSize, base, 80)
            TableCoding.put(u32: TableFormat.version, base, TableFooter.versionOffset)
            let checked = UnsafeRawBufferPointer(
                start: base, count: TableFooter.checksumOffset)
            TableCoding.put(u32: Checksum.crc32c(checked), base, TableFooter.checksumOffset)
            TableCoding.put(u64: TableFormat.magic, base, TableFooter.magicOffset)
        }
        return bytes
    }

    /// Reads and checks the footer of `file`.
    static func read(_ file: any File) throws(StoreError) -> TableFooter {
        let size = try file.size()
        guard size >= UInt64(TableFormat.footerSize) else {
            throw StoreError(.corruption, "too short for a table: \(size) bytes", path: file.path)
        }
        let offset = size - UInt64(TableFormat.footerSize)
        let block = try CachedBlock(capacity: TableFormat.footerSize) {
            buffer throws(StoreError) in
            try file.read(into: buffer, at: offset)
        }
        func corruption(_ message: String) -> StoreError {
            StoreError(.corruption, message, path: file.path, offset: offset)
        }
        guard block.count == TableFormat.footerSize,
            TableCoding.u64(block.base, magicOffset) == TableFormat.magic
        else { throw corruption("no table: magic bytes are missing") }
        let version = TableCoding.u32(block.base, versionOffset)
        let checked = UnsafeRawBufferPointer(start: block.base, count: checksumOffset)
        guard Checksum.crc32c(checked) == TableCoding.u32(block.base, checksumOffset) else {
            throw corruption("footer checksum does not match")
        }
        guard version == TableFormat.version else {
            throw StoreError(
                .unsupported, "table format version \(version)", path: file.path, offset: offset)
        }
        let footer = decode(block.base)
        guard footer.fileSize == size else {
            throw corruption("file has \(size) bytes, its footer says \(footer.fileSize)")
        }
        return footer
    }

    private static func decode(_ base: UnsafeRawPointer) -> TableFooter {
        func handle(_ index: Int) -> BlockHandle {
            BlockHandle(
                offset: TableCoding.u64(base, index * 12),
                size: TableCoding.u32(base, index * 12 + 8))
        }
        return TableFooter(
            topIndex: handle(0), rowFilter: handle(1), prefixFilter: handle(2),
            rangeTombstones: handle(3), properties: handle(4),
            tableID: TableCoding.u64(base, 64), fileNumber: TableCoding.u64(base, 72),
            fileSize: TableCoding.u64(base, 80))
    }
}
