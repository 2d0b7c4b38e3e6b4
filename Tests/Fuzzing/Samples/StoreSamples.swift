import MartletSimulation
package import MartletStore

/// A small store's files, as the store itself writes them.
package enum StoreSamples {
    private static let directory = "/store"

    /// Log, tables and manifests by their names, of a store whose tables are compressed like this.
    package static func files(
        _ compression: Compression
    ) throws -> [(name: String, bytes: [UInt8])] {
        let simulation = Simulation(seed: 5)
        var options = StoreOptions()
        options.logSegmentSize = 8 << 10
        options.compactsAutomatically = false
        let store = try Store.open(
            at: directory, options: options, environment: simulation.environment)
        var schema = FamilySchema("v", filter: .rowAndPrefix(length: 2))
        schema.blockSize = 1 << 10
        schema.compression = compression
        schema.bottomCompression = compression
        let table = try store.createTable("notes", families: [schema])
        let family = try table.family("v")
        for number in 0..<24 {
            var batch = WriteBatch()
            try batch.put(
                family, row: "row-\(number % 9)", qualifier: "q\(number % 3)",
                value: String(repeating: "tweet ", count: number % 5))
            if number % 7 == 0 { try batch.deleteColumn(family, row: "row-1", qualifier: "q1") }
            if number == 20 { try batch.deleteRange(table, from: "row-4", to: "row-5") }
            try store.write(batch)
        }
        try store.compact()
        var last = WriteBatch()
        try last.put(family, row: "log", qualifier: "", value: "only", timeToLive: 60_000_000)
        try store.write(last)
        try store.close()
        simulation.executor.runAll()
        return simulation.disk.files(under: directory).map { path, bytes in
            (String(path.split(separator: "/").last ?? ""), bytes)
        }
    }

    /// The files whose names end like this, without the room that was reserved behind them.
    package static func files(
        ending: String, _ compressions: [Compression] = [.none]
    ) throws -> [[UInt8]] {
        try compressions.flatMap { compression in
            try files(compression).filter { $0.name.hasSuffix(ending) }.map { _, bytes in
                let used = (bytes.lastIndex { $0 != 0 } ?? -1) + 1
                return Array(bytes.prefix(used))
            }
        }
    }
}
