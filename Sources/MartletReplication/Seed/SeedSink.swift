/// A seed on its way to a follower: which pieces are there, asked for, and missing.
///
/// Pieces are asked for in order and arrive in order. What was written is found again by the
/// files' lengths, so a cut connection costs the pieces under way and no more; the checksums are
/// looked at when all is there.
package struct SeedSink: Sendable, Equatable {
    /// Pieces under way.
    static let window = 4
    private let pieceBytes: UInt32
    package let offer: SeedOffer
    /// Bytes asked for, by file.
    private var asked: [UInt64]
    private var file = 0
    private var expected: [SeedRange] = []
    private var writes = 0
    /// Bytes that have arrived, those from before included.
    package private(set) var received: UInt64

    /// - Parameter there: bytes of each file that are there already.
    package init(_ offer: SeedOffer, there: [UInt64], pieceBytes: UInt32) {
        self.offer = offer
        self.pieceBytes = pieceBytes
        asked = offer.files.indices.map { index in
            index < there.count ? min(there[index], offer.files[index].size) : 0
        }
        received = asked.reduce(0, +)
    }

    /// Whether every byte was written.
    package var isComplete: Bool {
        expected.isEmpty && writes == 0 && received == offer.size
    }

    /// The pieces to ask for now.
    package mutating func requests() -> [SeedRange] {
        var ranges: [SeedRange] = []
        while expected.count + writes < Self.window, file < offer.files.count {
            let left = offer.files[file].size - asked[file]
            guard left > 0 else {
                file += 1
                continue
            }
            let range = SeedRange(
                seed: offer.seed, file: UInt32(file), offset: asked[file],
                count: UInt32(min(left, UInt64(pieceBytes))))
            asked[file] += UInt64(range.count)
            expected.append(range)
            ranges.append(range)
        }
        return ranges
    }

    /// Whether `data` is the piece whose turn it is; it is to be written then.
    package mutating func take(_ data: SeedData) -> Bool {
        guard let next = expected.first, data.seed == next.seed, data.file == next.file,
            data.offset == next.offset, data.bytes.count == Int(next.count)
        else { return false }
        expected.removeFirst()
        writes += 1
        received += UInt64(next.count)
        return true
    }

    /// A piece was written.
    package mutating func wrote() { writes -= 1 }
}
