/// One uncompressed block of a table in memory, shared by the cache and the cursors that read it.
///
/// `@unchecked Sendable`: the memory is filled by `load` before the initialiser returns and never
/// written again; all stored properties are immutable.
package final class CachedBlock: @unchecked Sendable {
    /// Bytes behind the content that may be read though they mean nothing, so that
    /// a copy of a short string may move whole words.
    package static let slack = 32

    /// The content's first byte, aligned to a cache line.
    package let base: UnsafeRawPointer
    /// Bytes of content.
    package let count: Int

    /// What the block costs the memory budget, in bytes.
    package var charge: Int { count + CachedBlock.slack + 64 }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Allocates room for `capacity` bytes and has `load` fill it; the content is what `load` says
    /// that it filled (at most `capacity`).
    package init(
        capacity: Int,
        load: (UnsafeMutableRawBufferPointer) throws(StoreError) -> Int
    ) throws(StoreError) {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: capacity + CachedBlock.slack, alignment: 64)
        do {
            let filled = try load(UnsafeMutableRawBufferPointer(start: memory, count: capacity))
            count = min(filled, capacity)
        } catch {
            memory.deallocate()
            throw error
        }
        (memory + count).initializeMemory(as: UInt8.self, repeating: 0, count: CachedBlock.slack)
        base = UnsafeRawPointer(memory)
    }

    deinit { base.deallocate() }
}
