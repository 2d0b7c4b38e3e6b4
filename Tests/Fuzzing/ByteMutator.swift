import MartletSimulation

/// Changes bytes as fuzzers do; a seed decides how.
public struct ByteMutator {
    private static let telling: [UInt64] = [
        0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000,
        0xffff_ffff, 0x1_0000_0000, 1 << 56 - 1, 1 << 56, 1 << 63 - 1, 1 << 63, .max,
    ]

    private var random: SeededGenerator
    private let lengthMax: Int

    /// Results are cut to `lengthMax` bytes.
    public init(seed: UInt64, lengthMax: Int) {
        random = SeededGenerator(seed: seed)
        self.lengthMax = lengthMax
    }

    /// One of `seeds`, changed in one to four places.
    public mutating func next(_ seeds: [[UInt8]]) -> [UInt8] {
        var bytes = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, seeds) }
        return Array(bytes.prefix(lengthMax))
    }

    private mutating func change(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
        guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 3: overwrite(&bytes, at: place)
        case 4: bytes.removeSubrange(place..<end)
        case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 6:
            let fresh = (place..<end).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes.insert(contentsOf: fresh, at: place)
        case 7: bytes.removeSubrange(place...)
        default:
            let other = seeds.randomElement(using: &random) ?? []
            bytes.replaceSubrange(place..<end, with: other.dropFirst(place).prefix(64))
        }
    }

    /// With a number at which something may turn, of one, two, four or eight bytes.
    private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
        let number = Self.telling.randomElement(using: &random) ?? 0
        let size = 1 << Int.random(in: 0...3, using: &random)
        var wide = withUnsafeBytes(of: number.littleEndian) { Array($0.prefix(size)) }
        if Bool.random(using: &random) { wide.reverse() }
        bytes.replaceSubrange(place..<min(place + size, bytes.count), with: wide)
    }
}
