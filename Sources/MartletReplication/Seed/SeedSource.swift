/// A seed that one follower reads, at the shipper's end: which pieces may be asked for.
package struct SeedSource: Sendable, Equatable {
    /// Pieces that may wait to be read.
    static let queueMax = 8

    package let offer: SeedOffer

    package init(_ offer: SeedOffer) { self.offer = offer }

    /// Whether the seed has such a piece.
    package func holds(_ range: SeedRange) -> Bool {
        guard range.seed == offer.seed, range.file < UInt32(offer.files.count) else {
            return false
        }
        let size = offer.files[Int(range.file)].size
        return range.offset < size && UInt64(range.count) <= size - range.offset
    }
}
