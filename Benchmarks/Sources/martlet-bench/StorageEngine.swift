/// A store under measurement. One value is one open store; its sessions do the work.
protocol StorageEngine: Sendable {
    /// One line per option that shapes the figures, for the report.
    static var optionLines: [String] { get }
    /// What is needed to use the store from one thread.
    func session() -> any EngineSession
    /// Returns when everything written is in table files and no background work is left.
    func settle() throws
    /// Merges all tables into one sorted run, and returns when that is done. Whoever compacts for
    /// the store does it, at the priority that merges have there.
    func compactAll() throws
    /// Closes the store; no session is used after it.
    func close() throws
}

/// The use of a store by one thread. Errors end the run.
protocol EngineSession: AnyObject {
    /// Writes two rows as one atomic batch at the durability that the store was opened with.
    func append(_ first: KeyValue, _ second: KeyValue) throws
    /// Writes one row.
    func put(_ row: KeyValue) throws
    /// Reads one row and adds it to the digest; false if there is none.
    func get(_ key: UnsafeRawBufferPointer, into digest: inout Digest) throws -> Bool
    /// Reads the last `limit` rows that begin with `prefix`, last one first.
    func lastRows(
        of prefix: UnsafeRawBufferPointer, limit: Int, into digest: inout Digest) throws
    /// Reads all rows in order.
    func scanAll(into digest: inout Digest) throws
}

/// A row to be written; the memory is the caller's and only borrowed for the call.
struct KeyValue {
    var key: UnsafeRawBufferPointer
    var value: UnsafeRawBufferPointer
}

/// How a workload's store is opened.
struct EngineSettings: Sendable {
    /// The store's directory.
    var directory: String
    /// Whether each write waits for the device.
    var synced: Bool
    /// Bytes at the front of a key that scans ask for, where there is such a prefix.
    var prefixLength: Int?
    /// The block cache (RocksDB) or the whole memory budget (Martlet), bytes.
    var cacheBytes: Int
    /// Off, what is written piles up in level 0.
    var compacts = true
    /// Log that Martlet keeps for followers, bytes.
    var retainedLogBytes: UInt64 = 0
}

/// A check value over the rows read, so that the engines can be held to the same answers.
struct Digest: Codable, Equatable, Sendable {
    /// Rows read.
    var rows: UInt64 = 0
    /// Key and value bytes read.
    var bytes: UInt64 = 0
    /// A sum over the rows' bytes that does not depend on the order of the rows.
    var sum: UInt64 = 0

    /// Adds a row.
    @inline(__always)
    mutating func add(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        rows &+= 1
        bytes &+= UInt64(key.count &+ value.count)
        sum &+= Self.mix(value, Self.mix(key, 0x9E37_79B9_7F4A_7C15))
    }

    @inline(__always)
    private static func mix(_ bytes: UnsafeRawBufferPointer, _ start: UInt64) -> UInt64 {
        var hash = start ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            offset &+= 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01B3
            offset &+= 1
        }
        return hash
    }
}

/// Why a run ended early.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
