import CRocksDB
import Foundation
import MartletHarness

/// RocksDB through its C interface, with the options of somebody who knows it.
///
/// `@unchecked Sendable`: the fields are set once in `init`, and RocksDB allows all calls made
/// through them (write, get, new iterator, flush, properties) from any thread at once.
final class RocksDBEngine: StorageEngine, @unchecked Sendable {
    private let database: OpaquePointer
    private let options: OpaquePointer
    private let cache: OpaquePointer
    fileprivate let writeOptions: OpaquePointer
    fileprivate let prefixRead: OpaquePointer
    fileprivate let totalRead: OpaquePointer

    static let optionLines = [
        "compression lz4, bottommost zstd; dynamic level bytes; block 16 KiB, format version 5",
        "full Bloom filter 10 bits/key; index and filter blocks in the cache, high priority, L0's",
        "  pinned; LRU cache of --cache bytes (512 MiB)",
        "fixed prefix extractor of 16 bytes (chat); prefix_same_as_start for prefix reads",
        "memtable 64 MiB x 4; pipelined write; 2 background jobs; max_open_files -1",
        "durability: sync=false (written) or sync=true (synced); log on",
    ]

    init(_ settings: EngineSettings) throws {
        options = Self.makeOptions()
        if !settings.compacts {
            rocksdb_options_set_disable_auto_compactions(options, 1)
            rocksdb_options_set_level0_slowdown_writes_trigger(options, 1 << 20)
            rocksdb_options_set_level0_stop_writes_trigger(options, 1 << 20)
        }
        cache = rocksdb_cache_create_lru(settings.cacheBytes)
        Self.setTable(options, cache: cache)
        if let length = settings.prefixLength {
            rocksdb_options_set_prefix_extractor(
                options, rocksdb_slicetransform_create_fixed_prefix(length))
        }
        writeOptions = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(writeOptions, settings.synced ? 1 : 0)
        prefixRead = rocksdb_readoptions_create()
        rocksdb_readoptions_set_prefix_same_as_start(
            prefixRead, settings.prefixLength == nil ? 0 : 1)
        totalRead = rocksdb_readoptions_create()
        rocksdb_readoptions_set_total_order_seek(totalRead, 1)
        let options = options
        let opened = try Self.check { rocksdb_open(options, settings.directory, &$0) }
        guard let opened else { throw BenchError("rocksdb_open gave no database") }
        database = opened
    }

    private static func makeOptions() -> OpaquePointer {
        let options: OpaquePointer = rocksdb_options_create()
        rocksdb_options_set_create_if_missing(options, 1)
        rocksdb_options_set_compression(options, Int32(rocksdb_lz4_compression))
        rocksdb_options_set_bottommost_compression(options, Int32(rocksdb_zstd_compression))
        rocksdb_options_set_write_buffer_size(options, 64 << 20)
        rocksdb_options_set_max_write_buffer_number(options, 4)
        rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1)
        rocksdb_options_set_enable_pipelined_write(options, 1)
        rocksdb_options_set_max_background_jobs(options, 2)
        rocksdb_options_set_max_open_files(options, -1)
        return options
    }

    private static func setTable(_ options: OpaquePointer, cache: OpaquePointer) {
        let table = rocksdb_block_based_options_create()
        rocksdb_block_based_options_set_block_size(table, 16 << 10)
        rocksdb_block_based_options_set_format_version(table, 5)
        rocksdb_block_based_options_set_filter_policy(
            table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1)
        rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1)
        rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1)
        rocksdb_options_set_block_based_table_factory(options, table)
        rocksdb_block_based_options_destroy(table)
    }

    func session() -> any EngineSession { RocksDBSession(self, database) }

    func settle() throws {
        let flush = rocksdb_flushoptions_create()
        defer { rocksdb_flushoptions_destroy(flush) }
        rocksdb_flushoptions_set_wait(flush, 1)
        try Self.check { rocksdb_flush(database, flush, &$0) }
        // 7.8 has no call that waits for compactions; quiet means quiet five times in a row.
        var quiet = 0
        let isSettled = waitUntil(.after(seconds: 3_600)) {
            quiet = isBusy() ? 0 : quiet + 1
            return quiet == 5
        }
        guard isSettled else { throw BenchError("RocksDB compacts and compacts") }
    }

    func compactAll() throws { rocksdb_compact_range(database, nil, 0, nil, 0) }

    private func isBusy() -> Bool {
        let names = [
            "rocksdb.num-running-compactions", "rocksdb.compaction-pending",
            "rocksdb.num-running-flushes", "rocksdb.mem-table-flush-pending",
        ]
        return names.contains { name in
            var value: UInt64 = 0
            return rocksdb_property_int(database, name, &value) == 0 && value > 0
        }
    }

    func close() throws {
        rocksdb_close(database)
        rocksdb_writeoptions_destroy(writeOptions)
        rocksdb_readoptions_destroy(prefixRead)
        rocksdb_readoptions_destroy(totalRead)
        rocksdb_options_destroy(options)
        rocksdb_cache_destroy(cache)
    }

    /// Runs a call that reports errors in the C interface's way.
    @discardableResult
    @inline(__always)
    fileprivate static func check<R>(
        _ call: (inout UnsafeMutablePointer<CChar>?) -> R
    ) throws -> R {
        var message: UnsafeMutablePointer<CChar>?
        let result = call(&message)
        if let message {
            defer { rocksdb_free(message) }
            throw BenchError("rocksdb: " + String(cString: message))
        }
        return result
    }
}

private final class RocksDBSession: EngineSession {
    private let engine: RocksDBEngine
    private let database: OpaquePointer
    private let batch: OpaquePointer = rocksdb_writebatch_create()
    private var seekKey: [UInt8] = []

    init(_ engine: RocksDBEngine, _ database: OpaquePointer) {
        self.engine = engine
        self.database = database
    }

    deinit { rocksdb_writebatch_destroy(batch) }

    func append(_ first: KeyValue, _ second: KeyValue) throws {
        rocksdb_writebatch_clear(batch)
        add(first)
        add(second)
        try RocksDBEngine.check { rocksdb_write(database, engine.writeOptions, batch, &$0) }
    }

    func put(_ row: KeyValue) throws {
        try RocksDBEngine.check {
            rocksdb_put(
                database, engine.writeOptions, chars(row.key), row.key.count, chars(row.value),
                row.value.count, &$0)
        }
    }

    func get(_ key: UnsafeRawBufferPointer, into digest: inout Digest) throws -> Bool {
        let found = try RocksDBEngine.check {
            rocksdb_get_pinned(database, engine.totalRead, chars(key), key.count, &$0)
        }
        guard let found else { return false }
        defer { rocksdb_pinnableslice_destroy(found) }
        var length = 0
        let value = rocksdb_pinnableslice_value(found, &length)
        digest.add(key: key, value: UnsafeRawBufferPointer(start: value, count: length))
        return true
    }

    func lastRows(
        of prefix: UnsafeRawBufferPointer, limit: Int, into digest: inout Digest
    ) throws {
        seekKey.removeAll(keepingCapacity: true)
        seekKey.append(contentsOf: prefix)
        for _ in 0..<8 { seekKey.append(0xFF) }
        let iterator = rocksdb_create_iterator(database, engine.prefixRead)
        defer { rocksdb_iter_destroy(iterator) }
        seekKey.withUnsafeBytes { rocksdb_iter_seek_for_prev(iterator, chars($0), $0.count) }
        var left = limit
        while left > 0, rocksdb_iter_valid(iterator) != 0 {
            add(iterator, to: &digest)
            left -= 1
            if left > 0 { rocksdb_iter_prev(iterator) }
        }
        try RocksDBEngine.check { rocksdb_iter_get_error(iterator, &$0) }
    }

    func scanAll(into digest: inout Digest) throws {
        let iterator = rocksdb_create_iterator(database, engine.totalRead)
        defer { rocksdb_iter_destroy(iterator) }
        rocksdb_iter_seek_to_first(iterator)
        while rocksdb_iter_valid(iterator) != 0 {
            add(iterator, to: &digest)
            rocksdb_iter_next(iterator)
        }
        try RocksDBEngine.check { rocksdb_iter_get_error(iterator, &$0) }
    }

    @inline(__always)
    private func add(_ iterator: OpaquePointer?, to digest: inout Digest) {
        var keyLength = 0
        var valueLength = 0
        let key = rocksdb_iter_key(iterator, &keyLength)
        let value = rocksdb_iter_value(iterator, &valueLength)
        digest.add(
            key: UnsafeRawBufferPointer(start: key, count: keyLength),
            value: UnsafeRawBufferPointer(start: value, count: valueLength))
    }

    @inline(__always)
    private func add(_ row: KeyValue) {
        rocksdb_writebatch_put(
            batch, chars(row.key), row.key.count, chars(row.value), row.value.count)
    }

    @inline(__always)
    private func chars(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    }
}
