@testable import MartletStore

/// A file in memory whose bytes tests may damage.
///
/// `@unchecked Sendable`: `bytes` is only touched while `monitor` is locked.
final class MemoryFile: File, @unchecked Sendable {
    let path: String
    private let monitor = Monitor()
    private var content: [UInt8]
    private var writeCount = 0
    private var readCount = 0

    init(_ bytes: [UInt8] = [], path: String = "memory") {
        content = bytes
        self.path = path
    }

    var bytes: [UInt8] { monitor.withLock { content } }
    var writes: Int { monitor.withLock { writeCount } }
    var reads: Int { monitor.withLock { readCount } }

    func flip(bit: Int) {
        monitor.withLock { content[bit / 8] ^= 1 << UInt8(bit % 8) }
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(StoreError) -> Int {
        monitor.withLock {
            readCount += 1
            guard offset < UInt64(content.count) else { return 0 }
            let end = min(content.count, Int(offset) + buffer.count)
            buffer.copyBytes(from: content[Int(offset)..<end])
            return end - Int(offset)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        monitor.withLock {
            writeCount += 1
            let end = Int(offset) + bytes.count
            if content.count < end {
                content += [UInt8](repeating: 0, count: end - content.count)
            }
            content.replaceSubrange(Int(offset)..<end, with: bytes)
        }
    }

    func sync() throws(StoreError) {}
    func size() throws(StoreError) -> UInt64 { monitor.withLock { UInt64(content.count) } }
    func allocate(_ size: UInt64) throws(StoreError) {}

    func truncate(to size: UInt64) throws(StoreError) {
        monitor.withLock { content = Array(content.prefix(Int(size))) }
    }

    func dropPageCache() {}
    func close() {}
}
