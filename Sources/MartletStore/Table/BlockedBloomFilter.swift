/// A Bloom filter of 64-byte blocks: all bits of a key lie in one cache line.
package struct BlockedBloomFilter: Sendable {
    static let bitsPerKey = 10
    private static let probes: UInt64 = 6

    private let block: CachedBlock
    private let lines: UInt64

    /// Nil if the content's size makes no sense.
    init?(_ block: CachedBlock) {
        guard block.count >= 64, block.count % 64 == 0, block.count / 64 <= Int(UInt32.max) else {
            return nil
        }
        self.block = block
        lines = UInt64(block.count / 64)
    }

    /// Bytes of memory.
    var byteCount: Int { block.charge }

    /// False only if nothing with this hash was added.
    @inline(__always)
    func mayContain(_ hash: UInt64) -> Bool {
        let line = block.base + BlockedBloomFilter.line(hash, lines)
        var bits = BlockedBloomFilter.spread(hash)
        var all: UInt64 = 1
        for _ in 0..<BlockedBloomFilter.probes {
            let bit = bits & 511
            let word = TableCoding.u64(line, Int(bit >> 6) &* 8)
            all &= word >> (bit & 63)
            bits >>= 9
        }
        return all & 1 != 0
    }

    /// The content of a filter for these hashes.
    static func build(_ hashes: [UInt64]) -> [UInt8] {
        let lines = max(1, (hashes.count * bitsPerKey + 511) / 512)
        var content = [UInt8](repeating: 0, count: lines * 64)
        content.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for hash in hashes {
                let line = base + BlockedBloomFilter.line(hash, UInt64(lines))
                var bits = spread(hash)
                for _ in 0..<probes {
                    let byte = Int((bits & 511) >> 3)
                    let old = line.load(fromByteOffset: byte, as: UInt8.self)
                    let new = old | 1 << UInt8(bits & 7)
                    line.storeBytes(of: new, toByteOffset: byte, as: UInt8.self)
                    bits >>= 9
                }
            }
        }
        return content
    }

    /// Byte offset of the key's cache line.
    @inline(__always)
    private static func line(_ hash: UInt64, _ lines: UInt64) -> Int {
        Int(truncatingIfNeeded: ((hash >> 32) &* lines) >> 32) &* 64
    }

    @inline(__always)
    private static func spread(_ hash: UInt64) -> UInt64 {
        let product = hash &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 32)
    }
}
