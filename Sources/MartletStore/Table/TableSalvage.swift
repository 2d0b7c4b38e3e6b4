/// Finds the data blocks of a table whose footer is lost: blocks stand one behind the other from
/// the file's start, and a block's end is where its checksum comes out right.
package enum TableSalvage {
    /// A block is at most as large as a cell can be, with room for what is around it.
    private static let blockMax = 32 << 20
    private static let readSize = 64 << 10

    /// Gives `body` each data block found, up to the first block that is damaged.
    ///
    /// - Parameter tableID: what the checksums are bound to; the store's manifest knows it.
    package static func run(
        file: any File, tableID: UInt64, _ body: (TableBlockReport) -> Void
    ) {
        guard let size = try? file.size() else { return }
        // Handles are held to the room in front of a footer: here there is none.
        let source = BlockSource(
            file: file, tableID: tableID, fileSize: size + UInt64(TableFormat.footerSize))
        let cells = DataBlockCursor()
        var offset: UInt64 = 0
        while let handle = block(file, tableID, at: offset, end: size) {
            offset += handle.storedSize
            guard let stored = try? source.readStored(handle),
                let content = try? source.read(handle), cells.set(content), cells.seekToFirst()
            else { continue }
            let codec = stored.base.load(fromByteOffset: Int(handle.size), as: UInt8.self)
            var report = TableBlockReport(
                kind: .data, offset: handle.offset, storedSize: handle.storedSize)
            report.contentSize = content.count
            report.compression = Compression(rawValue: codec)
            report.count = cells.cellCount
            report.firstRow = [UInt8](cells.cell.row)
            report.firstQualifier = [UInt8](cells.cell.qualifier)
            while cells.next() {}
            if !cells.isDamaged { body(report) }
        }
    }

    /// The block that starts at `offset`.
    private static func block(
        _ file: any File, _ tableID: UInt64, at offset: UInt64, end: UInt64
    ) -> BlockHandle? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 8)
        defer { buffer.deallocate() }
        var crc = Checksum.seed(fileID: tableID, offset: offset)
        // The four bytes behind the checksummed ones are the checksum: it runs that much behind.
        var window: UInt32 = 0
        var taken: UInt64 = 0
        var place = offset
        while place < end, taken < UInt64(blockMax) {
            guard let count = try? file.read(into: buffer, at: place), count > 0 else { return nil }
            for index in 0..<count {
                let byte = buffer[index]
                if taken >= 4 {
                    var leaving = UInt8(truncatingIfNeeded: window)
                    crc = withUnsafeBytes(of: &leaving) { Checksum.crc32c($0, continuing: crc) }
                }
                window = window >> 8 | UInt32(byte) << 24
                taken += 1
                if taken > UInt64(TableFormat.trailerSize), crc == window {
                    return BlockHandle(
                        offset: offset,
                        size: UInt32(taken - UInt64(TableFormat.trailerSize)))
                }
            }
            place += UInt64(count)
        }
        return nil
    }
}

extension TableCellWalk {
    /// The cells of a block that `TableSalvage` has found. False where the walk is over.
    @discardableResult
    package static func run(
        salvaged block: TableBlockReport, in file: any File, tableID: UInt64, from start: [UInt8],
        to end: [UInt8], _ body: (Event) -> Bool
    ) -> Bool {
        let source = BlockSource(
            file: file, tableID: tableID,
            fileSize: block.offset + block.storedSize + UInt64(TableFormat.footerSize))
        let handle = BlockHandle(
            offset: block.offset,
            size: UInt32(truncatingIfNeeded: block.storedSize)
                - UInt32(TableFormat.trailerSize))
        let cells = DataBlockCursor()
        do throws(StoreError) {
            return try walk(source, handle, cells, start, end, body)
        } catch {
            return body(.damage(error))
        }
    }
}
