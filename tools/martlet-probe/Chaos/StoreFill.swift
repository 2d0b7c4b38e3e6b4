import ArgumentParser
import Glibc
import MartletHarness
import MartletSimulation
import MartletStore

/// Writes bytes that do not compress into a stopped server's store, as fast as it takes them;
/// `martlet-probe figures` starts it. The log is kept for followers.
struct StoreFill: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-fill", shouldDisplay: false)

    @Option var data: String
    @Option var mebibytes: Int
    @Option var seed: UInt64

    func run() throws {
        var options = StoreOptions()
        options.createIfMissing = false
        options.logRetainedBytes = 1 << 40
        let store = try Store.open(at: data, options: options)
        if !store.tables.contains(where: { $0.name == "fill" }) {
            try store.createTable("fill", families: [FamilySchema("f")])
        }
        let family = try store.table("fill").family("f")
        var random = SeededGenerator(seed: seed)
        var value = [UInt8](repeating: 0, count: 4_096)
        for part in 0..<mebibytes * 16 {
            var batch = WriteBatch()
            for row in 0..<16 {
                // Nothing that a compressor finds.
                value.withUnsafeMutableBytes { bytes in
                    for place in stride(from: 0, to: bytes.count, by: 8) {
                        bytes.storeBytes(of: random.next(), toByteOffset: place, as: UInt64.self)
                    }
                }
                try batch.put(
                    family, row: "\(seed)/\(part)/\(row)", qualifier: "v", value: value)
            }
            try store.write(batch, durability: .written)
        }
        try store.close()
    }
}
