/// An open table: its top index, filters and range tombstones are in memory, its other blocks come
/// through the cache. Made to be used from several threads at once.
///
/// `@unchecked Sendable`: every property is set in the initialiser and never changed; the parsed
/// index points into an immutable block which it holds; file and cache are Sendable themselves.
package final class TableReader: @unchecked Sendable {
    /// What the table says about itself.
    package let properties: TableProperties
    /// By start, newest first among equal starts. The filters know nothing of them.
    package let rangeTombstones: [RangeTombstone]

    let source: BlockSource
    let cache: BlockCache?
    let topIndex: IndexBlock
    let footer: TableFooter
    private let rowFilter: BlockedBloomFilter?
    private let prefixFilter: BlockedBloomFilter?
    private let prefixLength: Int
    private let reservation: Int

    /// Opens the table in `file` and checks everything but data blocks and index partitions, which
    /// are checked as they are read.
    /// - Parameters:
    ///   - cache: where blocks are kept; without one every read goes to the file.
    ///   - tableID: what the table's id must be.
    package static func open(
        file: any File, cache: BlockCache?, expecting tableID: UInt64? = nil
    ) throws(StoreError) -> TableReader {
        let footer = try TableFooter.read(file)
        if let tableID, tableID != footer.tableID {
            throw StoreError(.corruption, "table has another id than expected", path: file.path)
        }
        return try TableReader(file, cache, footer)
    }

    private init(
        _ file: any File, _ cache: BlockCache?, _ footer: TableFooter
    ) throws(StoreError) {
        let source = BlockSource(file: file, tableID: footer.tableID, fileSize: footer.fileSize)
        self.source = source
        self.cache = cache
        self.footer = footer
        guard var properties = TableProperties.decode(try source.read(footer.properties)),
            properties.tableID == footer.tableID, properties.fileNumber == footer.fileNumber
        else { throw source.corruption(footer.properties, "properties make no sense") }
        properties.fileSize = footer.fileSize
        self.properties = properties
        guard let topIndex = IndexBlock(try source.read(footer.topIndex)) else {
            throw source.corruption(footer.topIndex, "top index makes no sense")
        }
        self.topIndex = topIndex
        rowFilter = try TableReader.filter(source, footer.rowFilter)
        prefixFilter = try TableReader.filter(source, footer.prefixFilter)
        prefixLength = Int(clamping: properties.prefixLength)
        if footer.rangeTombstones.size > 0 {
            let block = try source.read(footer.rangeTombstones)
            guard let decoded = RangeTombstoneBlock.decode(block) else {
                throw source.corruption(footer.rangeTombstones, "range tombstones make no sense")
            }
            rangeTombstones = decoded
        } else {
            rangeTombstones = []
        }
        reservation =
            topIndex.block.charge + (rowFilter?.byteCount ?? 0) + (prefixFilter?.byteCount ?? 0)
        cache?.budget.reserve(reservation)
    }

    deinit { cache?.budget.release(reservation) }

    package var path: String { source.file.path }

    /// False only if the table has no cell of `row`. Says nothing about range tombstones.
    @inline(__always)
    package func mayContain(row: UnsafeRawBufferPointer) -> Bool {
        mayContain(rowHash: RowHash.hash(row))
    }

    /// As `mayContain(row:)` for a row whose `RowHash` the caller has, to ask several tables.
    @inline(__always)
    package func mayContain(rowHash: UInt64) -> Bool {
        rowFilter?.mayContain(rowHash) ?? true
    }

    /// False only if the table has no cell whose row starts with `prefix`. Always true for prefixes
    /// shorter than the family's prefix length, and without a prefix filter.
    package func mayContain(prefix: UnsafeRawBufferPointer) -> Bool {
        guard let prefixFilter, prefix.count >= prefixLength else { return true }
        return prefixFilter.mayContain(
            RowHash.hash(UnsafeRawBufferPointer(rebasing: prefix[..<prefixLength])))
    }

    /// A cursor on no cell yet.
    /// - Parameter fillCache: blocks read from the file are kept in the cache.
    package func makeCursor(fillCache: Bool = true) -> TableCursor {
        TableCursor(self, fillCache: fillCache)
    }

    /// A block's content from the cache or the file.
    @inline(__always)
    func block(_ handle: BlockHandle, fillCache: Bool) throws(StoreError) -> CachedBlock {
        if let cache, let block = cache.find(table: source.tableID, offset: handle.offset) {
            return block
        }
        let block = try source.read(handle)
        if fillCache, let cache {
            cache.insert(block, table: source.tableID, offset: handle.offset)
        }
        return block
    }

    private static func filter(
        _ source: BlockSource, _ handle: BlockHandle
    ) throws(StoreError) -> BlockedBloomFilter? {
        guard handle.size > 0 else { return nil }
        guard let filter = BlockedBloomFilter(try source.read(handle)) else {
            throw source.corruption(handle, "filter makes no sense")
        }
        return filter
    }
}
