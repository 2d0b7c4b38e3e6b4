import MartletStore

/// A table's bytes, as docs/formats/table.md describes them, whose checksums can be put right:
/// index blocks that are not compressed lead to the blocks below.
struct TableImage {
    static let footerSize = 128
    /// Blocks that are sealed at most, however many entries point at one.
    private static let sealedMax = 1_000

    private(set) var bytes: [UInt8]
    private var sealed = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var footer: Int { bytes.count - Self.footerSize }

    var id: UInt64 { number(at: footer + 64) }

    private func number(at place: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.number(at: place, UInt64.self) }
    }

    /// Of the footer and of each block that is led to; magic, version and size too.
    mutating func repair() {
        bytes.put(UInt64(bytes.count), at: footer + 80)
        bytes.put(UInt32(1), at: footer + 112)
        bytes.put(FuzzTarget.crc(bytes[footer..<footer + 116]), at: footer + 116)
        bytes.replaceSubrange((footer + 120)..., with: Array("MRTLSST1".utf8))
        let blocks = (0..<5).map { payload(number(at: footer + 12 * $0), footer + 12 * $0 + 8) }
        for block in blocks { seal(block) }
        for partition in entries(of: blocks[0]) {
            seal(partition)
            for block in entries(of: partition) { seal(block) }
        }
    }

    /// Where a block's payload lies; `nil` if it and its trailer are not in front of the footer.
    private func payload(_ offset: UInt64, _ sizePlace: Int) -> Range<Int>? {
        let size = UInt64(bytes.word(at: sizePlace))
        guard size > 0, offset <= UInt64(footer), size + 9 <= UInt64(footer) - offset else {
            return nil
        }
        return Int(offset)..<Int(offset + size)
    }

    /// What an index block leads to.
    private func entries(of index: Range<Int>?) -> [Range<Int>?] {
        guard let index, index.count >= 8 else { return [] }
        let count = Int(bytes.word(at: index.upperBound - 4))
        guard count * 24 + 8 <= index.count else { return [] }
        let (offsets, sizes) = (index.lowerBound + 8 * count, index.lowerBound + 16 * count)
        return (0..<count).map { payload(number(at: offsets + 8 * $0), sizes + 4 * $0) }
    }

    private mutating func seal(_ block: Range<Int>?) {
        guard let block, sealed < Self.sealedMax else { return }
        sealed += 1
        let seed = Checksum.seed(fileID: id, offset: UInt64(block.lowerBound))
        let end = block.upperBound + 5
        bytes.put(FuzzTarget.crc(bytes[block.lowerBound..<end], seed), at: end)
    }
}
